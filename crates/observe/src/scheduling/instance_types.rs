//! How large a machine is, by the type that its provider's label names, where nobody printed its capacity.
//!
//! Providers name types by family and size. Amazon: `m6i.2xlarge`, where `xlarge` has 4 vCPU and the family
//! letter tells GiB a vCPU (c 2, m 4, r 8); <https://docs.aws.amazon.com/ec2/latest/instancetypes/>. Google:
//! `n2-standard-8`; <https://cloud.google.com/compute/docs/general-purpose-machines>. Azure: `Standard_D8s_v5`;
//! <https://learn.microsoft.com/azure/virtual-machines/sizes/overview>. What a node can give is less than that.

use std::collections::BTreeMap;

use firstfault_model::Value;

use firstfault_model::Quantity;

const LABELS: [&str; 2] = ["node.kubernetes.io/instance-type", "beta.kubernetes.io/instance-type"];

/// CPU and memory of a node's instance type; `None` where the name is not understood.
pub(super) fn of(labels: &Value) -> Option<BTreeMap<&'static str, Quantity>> {
    let name = LABELS.iter().map(|key| labels.get(key).text()).find(|name| !name.is_empty())?;
    let (cpu, memory) = amazon(name).or_else(|| google(name)).or_else(|| azure(name))?;
    let gibibytes = Quantity::parse(&format!("{memory}Gi"))?;
    Some(BTreeMap::from([("cpu", Quantity::whole(cpu)), ("memory", gibibytes)]))
}

/// `m6i.2xlarge`: vCPU and GiB.
fn amazon(name: &str) -> Option<(i64, i64)> {
    let (family, size) = name.split_once('.')?;
    let cpu = match size {
        "large" => 2,
        "xlarge" => 4,
        _ => size.strip_suffix("xlarge")?.parse::<i64>().ok().filter(|n| (2..=96).contains(n))? * 4,
    };
    let letters: String = family.chars().take_while(char::is_ascii_alphabetic).collect();
    let each = match letters.as_str() {
        "c" => 2,
        "m" | "g" => 4,
        "r" => 8,
        // Bursting types have 4 GiB a vCPU from `xlarge` on.
        "t" if cpu >= 4 => 4,
        _ => return None,
    };
    Some((cpu, cpu * each))
}

/// `n2-standard-8`.
fn google(name: &str) -> Option<(i64, i64)> {
    let mut parts = name.split('-');
    let (family, class, cpu) = (parts.next()?, parts.next()?, parts.next()?.parse::<i64>().ok()?);
    let known =
        matches!(family, "n2" | "n2d" | "e2" | "n4" | "t2d") && parts.next().is_none() && (2..=224).contains(&cpu);
    let each = match class {
        "standard" => 4,
        "highmem" => 8,
        "highcpu" => 1,
        _ => return None,
    };
    known.then_some((cpu, cpu * each))
}

/// `Standard_D8s_v5`.
fn azure(name: &str) -> Option<(i64, i64)> {
    let (size, version) = name.strip_prefix("Standard_")?.split_once("_v")?;
    let family = size.chars().next()?;
    let digits: String = size.chars().skip(1).take_while(char::is_ascii_digit).collect();
    let cpu = digits.parse::<i64>().ok().filter(|n| (2..=104).contains(n))?;
    let each = match family {
        'D' => 4,
        'E' => 8,
        'F' => 2,
        _ => return None,
    };
    version.parse::<u8>().is_ok_and(|v| v >= 2).then_some((cpu, cpu * each))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_processors_and_memory() {
        assert_eq!(amazon("m6i.2xlarge"), Some((8, 32)));
        assert_eq!(amazon("c7g.xlarge"), Some((4, 8)));
        assert_eq!(amazon("r5.24xlarge"), Some((96, 768)));
        assert_eq!(google("e2-highmem-4"), Some((4, 32)));
        assert_eq!(azure("Standard_E16ds_v5"), Some((16, 128)));
    }

    #[test]
    fn what_follows_no_rule_is_not_guessed() {
        for name in ["p4d.24xlarge", "t3.micro", "m5.metal", "c3-standard-8-lssd", "Standard_NC6", "worker.large.x"] {
            assert_eq!(amazon(name).or_else(|| google(name)).or_else(|| azure(name)), None, "{name}");
        }
    }
}
