# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_firstfault_global_optspecs
    string join \n h/help V/version
end

function __fish_firstfault_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_firstfault_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_firstfault_using_subcommand
    set -l cmd (__fish_firstfault_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c firstfault -n "__fish_firstfault_needs_command" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_needs_command" -s V -l version -d 'Print version'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "investigate" -d 'Diagnose the evidence in folders, files or archives'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "prevent" -d 'Make what would have caught or avoided the incident: alert rules and their proof, dashboard, runbook, patches'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "plan" -d 'Say what to do, step by step, and the way back'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "status" -d 'Write the message for a status page or a channel'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "audit" -d 'Find what could fail with nobody to notice and nothing to stop it'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "explain" -d 'Print a failure mode: what it is, its signs, how to check and mend it'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "catalog" -d 'List or check the catalogue of failure modes'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "schema" -d 'Print the JSON Schema of an answer'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "completions" -d 'Print a completion script'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "man" -d 'Print the man page'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l symptom -d 'What is felt, in your words' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l about -d 'What it is about: `KIND/NAME`, `KIND/NAMESPACE/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l from -d 'Beginning of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l to -d 'End of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l assume-year -d 'Year of dates that do not say theirs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l timezone -d 'Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'`firstfault.case/v1`'
markdown\t'For a ticket or a channel'
html\t'One self-contained page'"
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l output -d 'Write the answer to a file' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l why -d 'Show the table of findings and weights of each theory'
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l explain-coverage -d 'List what was read from each file'
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -s q -l quiet -d 'Print one line'
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l no-color -d 'No colours'
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l symptom -d 'What is felt, in your words' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l about -d 'What it is about: `KIND/NAME`, `KIND/NAMESPACE/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l from -d 'Beginning of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l to -d 'End of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l assume-year -d 'Year of dates that do not say theirs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l timezone -d 'Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l output -d 'Write the files into a folder instead of printing them' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l only -d 'Make only this kind; may be given several times' -r -f -a "alerts\t'Prometheus alert and recording rules, and their proof'"
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l format -d 'How to print' -r -f -a "terminal\t'For a person at a terminal'
json\t'`firstfault.prevention/v1`: every file with its contents'"
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l symptom -d 'What is felt, in your words' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l about -d 'What it is about: `KIND/NAME`, `KIND/NAMESPACE/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l from -d 'Beginning of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l to -d 'End of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l assume-year -d 'Year of dates that do not say theirs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l timezone -d 'Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l format -d 'How to print it' -r -f -a "markdown\t'For people'
json\t'`firstfault.plan/v1`'"
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -l output -d 'Write it to a file' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l symptom -d 'What is felt, in your words' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l about -d 'What it is about: `KIND/NAME`, `KIND/NAMESPACE/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l from -d 'Beginning of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l to -d 'End of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l assume-year -d 'Year of dates that do not say theirs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l timezone -d 'Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l for -d 'Who reads it' -r -f -a "customers\t'What they notice, and nothing of the inside'
engineers\t'Everything that helps to mend it'
executives\t'Impact, cause and risk in plain words'"
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l progress -d 'How far it is; without it, as the case says' -r -f -a "investigating\t'The cause is not known'
identified\t'The cause is known'
monitoring\t'Mended, and watched'
resolved\t'Over'"
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -l output -d 'Write it to a file' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand audit" -l config -d 'Suppressions; without it, `firstfault.toml` in the folder of the evidence' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand audit" -l now -d 'What dates are compared with (RFC 3339); without it, the newest moment of the evidence' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand audit" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'`firstfault.audit/v1`'
sarif\t'SARIF 2.1.0, for code scanners'
markdown\t'For a ticket or a review'"
complete -c firstfault -n "__fish_firstfault_using_subcommand audit" -l output -d 'Write the answer to a file' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand audit" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand audit" -l no-color -d 'No colours'
complete -c firstfault -n "__fish_firstfault_using_subcommand audit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand explain" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand explain" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks help" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks help" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks help" -f -a "list" -d 'One line a failure mode, the most frequent first'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks help" -f -a "check" -d 'Unknown findings, unreachable modes, remedies without a way back, tests that write'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks help" -f -a "audit-checks" -d 'The checks of `audit`'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from list" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from check" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from audit-checks" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from audit-checks" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "list" -d 'One line a failure mode, the most frequent first'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "check" -d 'Unknown findings, unreachable modes, remedies without a way back, tests that write'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "audit-checks" -d 'The checks of `audit`'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand completions" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand man" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "investigate" -d 'Diagnose the evidence in folders, files or archives'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "prevent" -d 'Make what would have caught or avoided the incident: alert rules and their proof, dashboard, runbook, patches'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "plan" -d 'Say what to do, step by step, and the way back'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "status" -d 'Write the message for a status page or a channel'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "audit" -d 'Find what could fail with nobody to notice and nothing to stop it'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "explain" -d 'Print a failure mode: what it is, its signs, how to check and mend it'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "catalog" -d 'List or check the catalogue of failure modes'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "schema" -d 'Print the JSON Schema of an answer'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "completions" -d 'Print a completion script'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "man" -d 'Print the man page'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit explain catalog schema completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "list" -d 'One line a failure mode, the most frequent first'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "check" -d 'Unknown findings, unreachable modes, remedies without a way back, tests that write'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "audit-checks" -d 'The checks of `audit`'
