//! Says what broke first.

mod act;
mod arguments;
mod audit;
mod evidence;
mod explain;
mod history;
mod investigate;
mod log_changes;
mod log_files;
mod log_known;
mod log_live;
mod log_overview;
mod log_rules;
mod log_screen;
mod log_templates;
mod log_timeline;
mod log_words;
mod logs;
mod mistake;
mod next;
mod output;
mod postmortem;
mod prevent;
mod rules;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::{Arguments, Command};

/// Exit codes: 0 healthy, 1 incident, 2 usage or read error, 3 not enough evidence.
fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let code = if error.use_stderr() { 2 } else { 0 };
            // A closed pipe is the reader's choice, not our failure.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    let result = match arguments.command {
        Command::Investigate(options) => investigate::run(&options),
        Command::Prevent(options) => prevent::run(&options),
        Command::Plan(options) => act::plan(&options),
        Command::Status(options) => act::status(&options),
        Command::Audit(options) => audit::run(&options),
        Command::History(options) => history::run(&options),
        Command::Logs(options) => logs::run(&options),
        Command::Postmortem(options) => postmortem::run(&options),
        Command::Explain(options) => explain::explain(&options),
        Command::Catalog(options) => explain::catalog(&options),
        Command::Schema { of } => explain::schema(of),
        Command::Completions { shell } => explain::completions(shell),
        Command::Man => explain::man(),
    };
    match result {
        Ok(code) => code,
        Err(error) if mistake::is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            if let Some(hint) = mistake::hint(&error) {
                anstream::eprintln!("hint: {hint}");
            }
            ExitCode::from(2)
        }
    }
}
