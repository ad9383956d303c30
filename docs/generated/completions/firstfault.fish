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
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "history" -d 'Remember cases: add, list, search, compare, count'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "logs" -d 'Read logs: what others\' rules find in them'
complete -c firstfault -n "__fish_firstfault_needs_command" -f -a "postmortem" -d 'Write the blameless postmortem of a saved case or of evidence'
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
complete -c firstfault -n "__fish_firstfault_using_subcommand investigate" -l rules -d 'Run rules of the Common Reliability Enumeration on every log: a file, or a folder of them' -r -F
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
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l only -d 'Make only this kind; may be given several times' -r -f -a "alerts\t'Prometheus alert and recording rules, and their proof'
monitors\t'The same signals as Datadog monitors and CloudWatch alarms'
dashboard\t'A Grafana dashboard'
runbook\t'What to do the next time: recognise, check, mend, undo, escalate'
policy\t'Admission policies (ValidatingAdmissionPolicy, Kyverno) that keep the fault out'
patches\t'Patches of the workloads: limits, probes, spread, replicas, and a PodDisruptionBudget'
tests\t'Stubs of a load or regression test with the numbers of the case'"
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l objective -d 'Percentage of requests that has to succeed, for the rules on the error budget' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l format -d 'How to print' -r -f -a "terminal\t'For a person at a terminal'
json\t'`firstfault.prevention/v1`: every file with its contents'"
complete -c firstfault -n "__fish_firstfault_using_subcommand prevent" -l backtest -d 'Only say when each alert rule would have fired on the incident\'s series, and how often before'
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
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "add" -d 'Add a saved case or the diagnosis of evidence, or say more of one that is known'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "remark" -d 'Say more of a case by its number'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "list" -d 'List cases'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "show" -d 'Show a case'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "search" -d 'Find cases by words in titles, summaries, evidence, entities and notes'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "similar" -d 'Find past cases that are like this one, and say why'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "stats" -d 'Count: how often, how long, how often again, how much of the error budget'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "export" -d 'Print cases as JSON lines'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "import" -d 'Read JSON lines that `export` printed'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "check" -d 'Look at every page and case of the file for damage'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and not __fish_seen_subcommand_from add remark list show search similar stats export import check help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l symptom -d 'What is felt, in your words' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l about -d 'What it is about: `KIND/NAME`, `KIND/NAMESPACE/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l from -d 'Beginning of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l to -d 'End of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l assume-year -d 'Year of dates that do not say theirs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l timezone -d 'Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l detected -d 'When the failure was noticed (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l diagnosed -d 'When its cause was known (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l mended -d 'When the service was well again (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l confirmed -d 'The failure mode that was found to be the cause' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l note -d 'What should be remembered' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l tag -d 'A word to find it by' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l resolved -d 'Nothing is left to do'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -l wrong -d 'The first answer was wrong'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l detected -d 'When the failure was noticed (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l diagnosed -d 'When its cause was known (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l mended -d 'When the service was well again (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l confirmed -d 'The failure mode that was found to be the cause' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l note -d 'What should be remembered' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l tag -d 'A word to find it by' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l resolved -d 'Nothing is left to do'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -l wrong -d 'The first answer was wrong'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from remark" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l mode -d 'A failure mode, or the beginning of its id up to a dot' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l area -d 'An area of the catalogue' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l entity -d '`KIND/NAMESPACE/NAME`, `NAMESPACE/NAME`, `KIND/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l severity -d '1 to 4' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l status -d 'Whether it was an incident' -r -f -a "incident\t'Something was broken'
healthy\t'Nothing that matters was wrong'
insufficient\t'Not enough was looked at'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l tag -d 'A tag' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l since -d 'Began then or later (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l until -d 'Began before then (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l open -d 'Only those that are not resolved'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -l closed -d 'Only those that are resolved or mended'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from show" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from show" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from search" -l limit -d 'The most cases to print' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from search" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from search" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from search" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l symptom -d 'What is felt, in your words' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l about -d 'What it is about: `KIND/NAME`, `KIND/NAMESPACE/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l from -d 'Beginning of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l to -d 'End of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l assume-year -d 'Year of dates that do not say theirs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l timezone -d 'Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l limit -d 'The most cases to print' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l least -d 'Leave out what is less alike, from 0 to 1' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from similar" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l mode -d 'A failure mode, or the beginning of its id up to a dot' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l area -d 'An area of the catalogue' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l entity -d '`KIND/NAMESPACE/NAME`, `NAMESPACE/NAME`, `KIND/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l severity -d '1 to 4' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l status -d 'Whether it was an incident' -r -f -a "incident\t'Something was broken'
healthy\t'Nothing that matters was wrong'
insufficient\t'Not enough was looked at'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l tag -d 'A tag' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l since -d 'Began then or later (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l until -d 'Began before then (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l again-within -d 'The same failure mode on the same entity again within so many days is a recurrence' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l slo -d 'The service level objective in percent, such as 99.9: says what the incidents took of its error budget' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l days -d 'The objective\'s period, ending with the latest time in the history or with `--until`' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l open -d 'Only those that are not resolved'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -l closed -d 'Only those that are resolved or mended'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from stats" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l mode -d 'A failure mode, or the beginning of its id up to a dot' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l area -d 'An area of the catalogue' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l entity -d '`KIND/NAMESPACE/NAME`, `NAMESPACE/NAME`, `KIND/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l severity -d '1 to 4' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l status -d 'Whether it was an incident' -r -f -a "incident\t'Something was broken'
healthy\t'Nothing that matters was wrong'
insufficient\t'Not enough was looked at'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l tag -d 'A tag' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l since -d 'Began then or later (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l until -d 'Began before then (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l open -d 'Only those that are not resolved'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -l closed -d 'Only those that are resolved or mended'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from import" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from import" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from check" -l file -d 'The history\'s file [default: $FIRSTFAULT_HISTORY, or firstfault/history.sqlite in $XDG_DATA_HOME]' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from check" -l format -d 'How to print the answer' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "add" -d 'Add a saved case or the diagnosis of evidence, or say more of one that is known'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "remark" -d 'Say more of a case by its number'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "list" -d 'List cases'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "show" -d 'Show a case'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "search" -d 'Find cases by words in titles, summaries, evidence, entities and notes'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "similar" -d 'Find past cases that are like this one, and say why'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "stats" -d 'Count: how often, how long, how often again, how much of the error budget'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "export" -d 'Print cases as JSON lines'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "import" -d 'Read JSON lines that `export` printed'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "check" -d 'Look at every page and case of the file for damage'
complete -c firstfault -n "__fish_firstfault_using_subcommand history; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l rules -d 'Rules of the Common Reliability Enumeration: a file, or a folder of them' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l templates-out -d 'Write the template of each line as CSV: line, template_id, template' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l from -d 'When the incident began, to compare with the time before; without it the point is found at which most changes' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l to -d 'When it ended' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l around -d 'Show what all logs say around a time: `2026-11-24T14:31:45Z`, or `14:31:45` on the day of the logs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l within -d 'How far from that time' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l trace -d 'Show what all logs say of one trace, span or request, pod or host: of what has this id or name as a word' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l grep -d 'Show the records of all logs in which a regular expression matches' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l baseline -d 'What comes so long after the start counts as usual, what is seen first later as new' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l limit -d 'Most records shown with `--around`, `--trace` and `--grep`: the nearest to the time, else the first' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l assume-year -d 'Year of dates that do not say theirs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l timezone -d 'Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l format -d 'How to print it' -r -f -a "terminal\t'For a person at a terminal'
json\t'For programs'"
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l output -d 'Write it to a file' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l templates -d 'Show which kinds of message there are, how many of each, and what varies in them'
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -l follow -d 'Go on reading files that grow, also where they rotate; without it only standard input (`-`) is watched while it comes'
complete -c firstfault -n "__fish_firstfault_using_subcommand logs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l symptom -d 'What is felt, in your words' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l about -d 'What it is about: `KIND/NAME`, `KIND/NAMESPACE/NAME` or a name' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l from -d 'Beginning of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l to -d 'End of the incident (RFC 3339)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l assume-year -d 'Year of dates that do not say theirs' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l timezone -d 'Time zone of times that do not say theirs (`Europe/Berlin`, `+02:00`)' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l format -d 'How to write it' -r -f -a "markdown\t'For a wiki or a pull request'
html\t'One self-contained page'
json\t'`firstfault.postmortem/v1`'"
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l template -d 'A minijinja template that gets the postmortem\'s data; its extension decides how values are escaped' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l output -d 'Write it to a file' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l person -d 'A person\'s name that must not be printed either, where it stands in free text' -r
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -l history -d 'A history (`firstfault history`) in which similar past cases are looked for' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand postmortem" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand explain" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand explain" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks log-formats log-signatures help" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks log-formats log-signatures help" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks log-formats log-signatures help" -f -a "list" -d 'One line a failure mode, the most frequent first'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks log-formats log-signatures help" -f -a "check" -d 'Unknown findings, unreachable modes, remedies without a way back, tests that write'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks log-formats log-signatures help" -f -a "audit-checks" -d 'The checks of `audit`'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks log-formats log-signatures help" -f -a "log-formats" -d 'The formats of logs that have a name, each with a sample'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks log-formats log-signatures help" -f -a "log-signatures" -d 'The log messages that are known, and what each says'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and not __fish_seen_subcommand_from list check audit-checks log-formats log-signatures help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from list" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from check" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from audit-checks" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from audit-checks" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from log-formats" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from log-formats" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from log-signatures" -l catalog -d 'A folder of failure modes of your own' -r -F
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from log-signatures" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "list" -d 'One line a failure mode, the most frequent first'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "check" -d 'Unknown findings, unreachable modes, remedies without a way back, tests that write'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "audit-checks" -d 'The checks of `audit`'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "log-formats" -d 'The formats of logs that have a name, each with a sample'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "log-signatures" -d 'The log messages that are known, and what each says'
complete -c firstfault -n "__fish_firstfault_using_subcommand catalog; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand schema" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c firstfault -n "__fish_firstfault_using_subcommand completions" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand man" -s h -l help -d 'Print help'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "investigate" -d 'Diagnose the evidence in folders, files or archives'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "prevent" -d 'Make what would have caught or avoided the incident: alert rules and their proof, dashboard, runbook, patches'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "plan" -d 'Say what to do, step by step, and the way back'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "status" -d 'Write the message for a status page or a channel'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "audit" -d 'Find what could fail with nobody to notice and nothing to stop it'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "history" -d 'Remember cases: add, list, search, compare, count'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "logs" -d 'Read logs: what others\' rules find in them'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "postmortem" -d 'Write the blameless postmortem of a saved case or of evidence'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "explain" -d 'Print a failure mode: what it is, its signs, how to check and mend it'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "catalog" -d 'List or check the catalogue of failure modes'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "schema" -d 'Print the JSON Schema of an answer'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "completions" -d 'Print a completion script'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "man" -d 'Print the man page'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and not __fish_seen_subcommand_from investigate prevent plan status audit history logs postmortem explain catalog schema completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "add" -d 'Add a saved case or the diagnosis of evidence, or say more of one that is known'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "remark" -d 'Say more of a case by its number'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "list" -d 'List cases'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "show" -d 'Show a case'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "search" -d 'Find cases by words in titles, summaries, evidence, entities and notes'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "similar" -d 'Find past cases that are like this one, and say why'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "stats" -d 'Count: how often, how long, how often again, how much of the error budget'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "export" -d 'Print cases as JSON lines'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "import" -d 'Read JSON lines that `export` printed'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from history" -f -a "check" -d 'Look at every page and case of the file for damage'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "list" -d 'One line a failure mode, the most frequent first'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "check" -d 'Unknown findings, unreachable modes, remedies without a way back, tests that write'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "audit-checks" -d 'The checks of `audit`'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "log-formats" -d 'The formats of logs that have a name, each with a sample'
complete -c firstfault -n "__fish_firstfault_using_subcommand help; and __fish_seen_subcommand_from catalog" -f -a "log-signatures" -d 'The log messages that are known, and what each says'
