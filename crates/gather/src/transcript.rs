//! Console transcripts: which lines are prompts, and which command each piece of output belongs to.

use std::sync::OnceLock;

use regex::Regex;

use crate::Command;
use crate::command_line::{PROGRAMS, parse};

/// A piece of a transcript: the command, and the lines it printed.
pub(crate) struct Section<'a> {
    pub(crate) command: Command,
    /// The line of `text` on which the output begins, from 1.
    pub(crate) first_line: u32,
    pub(crate) output: &'a str,
}

fn prompt() -> &'static Regex {
    static PROMPT: OnceLock<Regex> = OnceLock::new();
    PROMPT.get_or_init(|| {
        Regex::new(concat!(
            r"^(?:\([\w.-]+\) ?)?(?:\[?\d\d:\d\d(?::\d\d)?\]? )?(?:",
            r"(?P<bracket>\[[\w.-]+@(?P<h1>[\w.-]+)[^\]]*\][#$%>]) ?",
            r"|(?P<user>[\w.-]+@(?P<h2>[\w.-]+)[:~ ][^$#%>\n]*[#$%>]) ?",
            r"|(?P<power>PS [^>\n]+>|[A-Z]:\\[^>\n]*>) ?",
            r"|(?P<bare>[$#%❯➜»>+]{1,2}) +",
            r"|(?P<shell>(?:bash|sh|zsh)-[\d.]+[#$]) ?",
            r"|(?P<word>[A-Za-z~/][\w./~-]*(?: ~)? ?[$#%❯»➜>]) +",
            r")(?P<command>\S.*)$"
        ))
        .expect("a fixed pattern")
    })
}

/// The shape of a prompt. One console keeps to one shape, so that what looks like another one in
/// the output of `kubectl logs` is output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `[root@host ~]#`, `user@host:~$`, `host ~ $`, `bash-5.1$`
    Host,
    /// `$`, `#`, `❯`, …: the mark itself.
    Bare(char),
    /// `PS C:\>`, `C:\>`
    Windows,
}

/// What ends a prompt.
const MARKS: &[char] = &['$', '#', '%', '>', '❯', '➜', '»', '+'];

/// Longer prompts are output.
const LONGEST_PROMPT: usize = 160;

/// Nobody types more than this.
const LONGEST_COMMAND: usize = 16 << 10;

/// The command of a prompt line; `None` for any other line.
fn prompt_of(line: &str) -> Option<(Style, Command)> {
    if line.len() > LONGEST_COMMAND || !line.contains(MARKS) {
        return None;
    }
    let captures =
        prompt().captures(line).filter(|c| c.name("command").is_some_and(|m| m.start() <= LONGEST_PROMPT))?;
    let style = if captures.name("power").is_some() {
        Style::Windows
    } else if let Some(bare) = captures.name("bare") {
        Style::Bare(bare.as_str().chars().next()?)
    } else {
        Style::Host
    };
    let shown = captures.name("command")?.as_str();
    let command = parse(if matches!(style, Style::Bare('➜' | '❯')) { without_folder(shown) } else { shown });
    let program = command.words.first()?.rsplit('/').next()?.to_owned();
    let known = PROGRAMS.contains(&program.as_str()) || PROGRAMS.contains(&program.trim_end_matches(".exe"));
    // `# text` is a comment and `> text` a quotation unless a known program follows.
    let sure =
        captures.name("bracket").is_some() || captures.name("user").is_some() || captures.name("power").is_some();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let dollar =
        line.starts_with("$ ") && program.chars().all(plain) && program.starts_with(|c: char| c.is_ascii_alphabetic());
    if !(known || sure && !program.is_empty() || dollar) {
        return None;
    }
    let host = captures.name("h1").or_else(|| captures.name("h2")).map(|h| h.as_str().to_owned());
    Some((style, Command { host: command.host.or(host), ..command }))
}

/// The folder and branch that fashionable prompts print between the mark and the command.
fn without_folder(shown: &str) -> &str {
    let mut rest = shown;
    let first = rest.split_whitespace().next().unwrap_or_default();
    if PROGRAMS.contains(&first) {
        return rest;
    }
    for word in shown.split_whitespace().take(3) {
        let decoration = word == first || word.starts_with("git:(") || word == "✗";
        if !decoration {
            break;
        }
        rest = rest.trim_start().strip_prefix(word).unwrap_or(rest).trim_start();
    }
    let program = rest.split_whitespace().next().unwrap_or_default();
    if PROGRAMS.contains(&program) { rest } else { shown }
}

/// Cuts a transcript into its commands. Empty unless its first line with text is a prompt (or the
/// head of a `script` capture): a prompt further down in a log is text of that log.
pub(crate) fn sections(text: &str) -> Vec<Section<'_>> {
    let Some(console) = console(text) else { return Vec::new() };
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut open: Option<(Command, u32, usize)> = None;
    let (mut at, mut number) = (0, 0);
    let mut lines = text.split_inclusive('\n').peekable();
    while let Some(line) = lines.next() {
        number += 1;
        let bare = line.trim_end();
        let is_border = is_script_head(bare) || is_fence(bare);
        let inside_log = open.as_ref().is_some_and(|(command, ..)| prints_log(command));
        let prompt = prompt_of(bare).filter(|(style, _)| *style == console || !inside_log);
        if (is_border || prompt.is_some())
            && let Some((command, first_line, from)) = open.take()
        {
            sections.push(Section { command, first_line, output: &text[from..at] });
        }
        at += line.len();
        if let Some((_, mut command)) = prompt {
            // A command goes on over lines that end with a backslash.
            while command.line.ends_with('\\')
                && let Some(more) = lines.next()
            {
                number += 1;
                at += more.len();
                let joined = format!(
                    "{} {}",
                    command.line.trim_end_matches('\\').trim_end(),
                    more.trim().trim_start_matches("> ")
                );
                command = Command { host: command.host.clone(), ..parse(&joined) };
            }
            open = Some((command, number + 1, at));
        }
    }
    if let Some((command, first_line, from)) = open {
        sections.push(Section { command, first_line, output: &text[from..] });
    }
    sections
}

/// The shape of the prompts of a text that is a transcript.
pub(crate) fn console(text: &str) -> Option<Style> {
    let start = text.lines().find(|line| !line.trim().is_empty() && !is_script_head(line) && !is_fence(line));
    start.and_then(|line| prompt_of(line.trim_end())).or_else(|| in_notes(text)).map(|(style, _)| style)
}

/// Whether a line is a prompt of that shape.
pub(crate) fn is_prompt(line: &str, console: Style) -> bool {
    prompt_of(line.trim_end()).is_some_and(|(style, _)| style == console)
}

/// The first prompt in notes that somebody wrote: after a heading, or in a fence of Markdown.
/// Plain text before a prompt is no sign of notes, since a log may hold anything.
fn in_notes(text: &str) -> Option<(Style, Command)> {
    const HEAD: usize = 60;
    let mut fenced = false;
    for (index, line) in text.lines().filter(|line| !line.trim().is_empty()).take(HEAD).enumerate() {
        if is_fence(line) {
            fenced = true;
        } else if index == 0 && !line.starts_with("# ") && !line.starts_with("## ") && !line.ends_with([':', '.']) {
            return None;
        } else if (fenced || index == 1)
            && let Some(prompt) = prompt_of(line.trim_end())
        {
            return Some(prompt);
        }
    }
    None
}

/// Commands whose output is other programs' free text.
fn prints_log(command: &Command) -> bool {
    matches!(
        command.program(),
        "cat" | "tail" | "head" | "less" | "stern" | "journalctl" | "docker" | "crictl" | "podman"
    ) || command.program() == "kubectl" && command.has(&["logs", "log", "exec"])
}

fn is_script_head(line: &str) -> bool {
    line.starts_with("Script started on") || line.starts_with("Script done on")
}

fn is_fence(line: &str) -> bool {
    line.starts_with("```")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Option<String> {
        prompt_of(line).map(|(_, c)| c.words.join(" "))
    }

    #[test]
    fn prompts_of_many_shells() {
        for line in [
            "$ kubectl get pods",
            "# kubectl get pods",
            "root@node-1:~# kubectl get pods",
            "[root@node-1 ~]# kubectl get pods",
            "user@host:/srv/app$ kubectl get pods",
            "❯ kubectl get pods",
            "➜ kubectl get pods",
            "PS C:\\Users\\me> kubectl get pods",
            "+ kubectl get pods",
            "> kubectl get pods",
            "bash-5.1$ kubectl get pods",
            "(prod) $ kubectl get pods",
            "~/work$ kubectl get pods",
            "➜  ~ kubectl get pods",
            "➜  shop git:(main) ✗ kubectl get pods",
            "controlplane ~ ➜  kubectl get pods",
            "node-1 $ kubectl get pods",
            "C:\\Users\\me>kubectl get pods",
            "[14:02:11] user@host:~$ kubectl get pods",
            "$ sudo kubectl get pods",
            "$ KUBECONFIG=/x kubectl get pods",
        ] {
            assert_eq!(words(line).as_deref(), Some("kubectl get pods"), "{line}");
        }
    }

    #[test]
    fn text_is_no_prompt() {
        for line in [
            "# a comment about kubectl",
            "> quoted text",
            "total: $ 5 kubectl",
            "+ added line",
            "2026-01-01 > kubectl",
            "INFO> started",
        ] {
            assert_eq!(words(line), None, "{line}");
        }
    }

    #[test]
    fn hosts_and_pipes() {
        let (_, command) = prompt_of("$ ssh admin@node-2 systemctl status kubelet").expect("a prompt");
        assert_eq!(
            (command.host.as_deref(), command.words.join(" ").as_str()),
            (Some("node-2"), "systemctl status kubelet")
        );
        let (_, command) =
            prompt_of("$ kubectl get events -n a --sort-by='.lastTimestamp' | tail -n 5").expect("a prompt");
        assert_eq!(command.piped.as_deref(), Some("tail -n 5"));
        assert_eq!(command.namespace(), Some("a"));
        assert_eq!(command.arguments(), ["get", "events"]);
    }

    #[test]
    fn a_log_with_a_prompt_in_it_stays_a_log() {
        assert!(sections("2026-01-01T00:00:00Z INFO start\n$ kubectl get pods\nNAME READY\n").is_empty());
        let text = "$ kubectl get pods\nNAME\na\n\n$ date\nTue\n";
        let cut: Vec<(u32, &str)> = sections(text).iter().map(|s| (s.first_line, s.output)).collect();
        assert_eq!(cut, [(2, "NAME\na\n\n"), (6, "Tue\n")]);
    }

    #[test]
    fn a_prompt_inside_log_output_is_text() {
        let text = "me@laptop:~$ kubectl logs web\nstart\n$ kubectl get pods\nNAME READY\nme@laptop:~$ kubectl get nodes\nNAME\n";
        let commands: Vec<_> = sections(text).iter().map(|s| s.command.words.join(" ")).collect();
        assert_eq!(commands, ["kubectl logs web", "kubectl get nodes"]);
    }

    #[test]
    fn commands_go_on_over_lines() {
        let text = "$ kubectl get pods \\\n    -n shop\nNAME READY\n";
        let sections = sections(text);
        assert_eq!(sections[0].command.namespace(), Some("shop"));
        assert_eq!((sections[0].first_line, sections[0].output), (3, "NAME READY\n"));
    }

    #[test]
    fn script_captures_are_cut_at_their_head_and_foot() {
        let text =
            "Script started on Tue 24 Nov 2026\n[root@n1 ~]# systemctl status kubelet\nactive\nScript done on Tue\n";
        let sections = sections(text);
        assert_eq!(sections.len(), 1);
        assert_eq!((sections[0].command.host.as_deref(), sections[0].output), (Some("n1"), "active\n"));
    }
}
