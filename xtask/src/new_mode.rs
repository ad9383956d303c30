use std::fs;

use anyhow::{Context as _, bail};

use crate::root;

/// Writes a failure mode's file and its two scenario folders, to be filled in.
pub(crate) fn run(id: &str) -> anyhow::Result<()> {
    let (area, _) = id.split_once('.').context("an id is `area.what-is-wrong`")?;
    let file = root().join("catalog").join(area).join(format!("{id}.yaml"));
    if file.exists() {
        bail!("{} is there already", file.display());
    }
    fs::create_dir_all(file.parent().expect("below the root"))?;
    fs::write(&file, SKELETON.replace("ID", id).replace("AREA", area))?;
    for (folder, expect) in [
        (
            "hit",
            format!(
                "{{status: incident, first: {{mode: {id}, kind: Deployment, namespace: NAMESPACE, name: NAME}}}}\n"
            ),
        ),
        ("near-miss", format!("{{not: [{id}]}}\n")),
    ] {
        let folder = root().join("scenarios").join(id).join(folder);
        fs::create_dir_all(folder.join("evidence"))?;
        fs::write(folder.join("expect.yaml"), expect)?;
    }
    println!("wrote {} and scenarios/{id}/", file.display());
    Ok(())
}

const SKELETON: &str = "id: ID
title: (names the fault, reads well after \"caused by\")
area: AREA
prior: 1.0
source: engineering judgement
what: (what happens technically)
summary: \"{entity} …\"
needs: []
shows: {}
refutes: []
spreads: {}
mistaken_for: []
twin: []
tests:
  - {command: \"kubectl -n {namespace} get …\", decides: …, outcomes: [], cost: 1}
remedies:
  - {kind: restore, title: …, steps: [], risk: low, rollback: …, verification: …}
prevents: []
references: []
";
