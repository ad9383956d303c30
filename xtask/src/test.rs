use anyhow::bail;

use crate::{dependencies, generate, run, samples};

/// Everything that CI asks for, the quick checks first.
pub(crate) fn all() -> anyhow::Result<()> {
    run("cargo", &["fmt", "--all", "--check"])?;
    dependencies::have_reasons()?;
    let unchecked = dependencies::are_allowed()?;
    run("cargo", &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])?;
    run("cargo", &["test", "--workspace"])?;
    generate::run(generate::Mode::Check)?;
    let skipped = samples::run()?;
    for reason in unchecked.iter().chain(&skipped) {
        println!("skipped: {reason}");
    }
    if std::env::var_os("CI").is_some() && !skipped.is_empty() && crate::eval::shared().is_dir() {
        bail!("the benchmarks are there, yet their samples were skipped");
    }
    Ok(())
}
