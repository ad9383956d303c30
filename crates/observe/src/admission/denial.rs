//! What the API server says when it refuses to create an object.

/// A refusal, read from the message of an event, a condition or a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// A quota is used up.
    Quota { quota: String, requested: Vec<Amount>, used: Vec<Amount>, limited: Vec<Amount> },
    /// A quota demands that requests or limits are given.
    QuotaDemands { quota: String, fields: String },
    /// A limit range forbids the amount.
    LimitRange { rule: String },
    /// The service account does not exist.
    ServiceAccount { name: String },
    /// A webhook could not be asked.
    WebhookDown { webhook: String, error: String },
    /// A webhook said no.
    WebhookDenied { webhook: String, reason: String },
    /// A policy in the API server said no.
    Policy { policy: String, reason: String },
    /// The namespace's pod security level forbids it.
    PodSecurity { level: String, violations: String },
    /// No security context constraint or pod security policy allows it (OpenShift, older clusters).
    SecurityConstraint { reason: String },
    /// The runtime class does not exist.
    RuntimeClass { name: String },
    /// The priority class does not exist.
    PriorityClass { name: String },
    /// The creator lacks the right.
    Rbac { user: String, verb: String, resource: String },
    /// The object itself is not valid.
    Invalid { reason: String },
}

/// A resource and an amount, as printed.
pub(crate) type Amount = (String, String);

/// Reads a message; `None` if it is no refusal that is known.
pub(crate) fn parse(message: &str) -> Option<Denial> {
    quota(message)
        .or_else(|| webhook(message))
        .or_else(|| policy(message))
        .or_else(|| pod_security(message))
        .or_else(|| missing_class(message))
        .or_else(|| account(message))
        .or_else(|| limit_range(message))
        .or_else(|| rbac(message))
        .or_else(|| invalid(message))
}

fn quota(message: &str) -> Option<Denial> {
    if let Some((_, rest)) = message.split_once("exceeded quota: ") {
        let quota = rest.split([',', ' ']).next()?.to_owned();
        let amounts = |label: &str| amounts(rest, label);
        return Some(Denial::Quota {
            quota,
            requested: amounts("requested: "),
            used: amounts("used: "),
            limited: amounts("limited: "),
        });
    }
    let (_, rest) = message.split_once("failed quota: ")?;
    let (quota, demands) = rest.split_once(':')?;
    let fields = demands.trim().strip_prefix("must specify ")?;
    Some(Denial::QuotaDemands { quota: quota.trim().to_owned(), fields: clip(fields) })
}

/// `requested: cpu=1,memory=2Gi, used: …`: the pairs after one label.
fn amounts(text: &str, label: &str) -> Vec<Amount> {
    let Some((_, rest)) = text.split_once(label) else { return Vec::new() };
    let end = rest.find(", ").unwrap_or(rest.len());
    let pairs = rest[..end].split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(resource, amount)| (resource.trim().to_owned(), amount.trim().trim_end_matches(['.', ')']).to_owned()))
        .collect()
}

fn webhook(message: &str) -> Option<Denial> {
    if let Some((before, rest)) = message.split_once("denied the request") {
        let webhook = quoted_after(before, "admission webhook ")?;
        let reason = clip(rest.trim_start_matches(':'));
        return Some(Denial::WebhookDenied { webhook, reason });
    }
    for label in ["failed calling webhook ", "failed calling admission webhook ", "failed to call webhook "] {
        if let Some(webhook) = quoted_after(message, label) {
            let (_, rest) = message.split_once(&format!("{webhook}\""))?;
            let error = rest.trim_start_matches([':', ' ']);
            let error = error.strip_prefix("failed to call webhook: ").unwrap_or(error);
            return Some(Denial::WebhookDown { webhook, error: clip(error) });
        }
    }
    None
}

fn policy(message: &str) -> Option<Denial> {
    let (_, rest) = message.split_once("ValidatingAdmissionPolicy '")?;
    let (policy, rest) = rest.split_once('\'')?;
    let (_, reason) = rest.split_once("denied request")?;
    Some(Denial::Policy { policy: policy.to_owned(), reason: clip(reason.trim_start_matches(':')) })
}

fn pod_security(message: &str) -> Option<Denial> {
    if let Some((_, rest)) = message.split_once("violates PodSecurity \"") {
        let (level, violations) = rest.split_once('"')?;
        return Some(Denial::PodSecurity {
            level: level.to_owned(),
            violations: clip(violations.trim_start_matches(':')),
        });
    }
    let known = [
        "unable to validate against any security context constraint",
        "unable to validate against any pod security policy",
    ];
    let words = known.iter().find(|words| message.contains(**words))?;
    let (_, reason) = message.split_once(words)?;
    Some(Denial::SecurityConstraint { reason: clip(reason.trim_start_matches(':')) })
}

fn missing_class(message: &str) -> Option<Denial> {
    if let Some(name) = quoted_after(message, "RuntimeClass ").filter(|_| message.contains("not found")) {
        return Some(Denial::RuntimeClass { name });
    }
    let (_, rest) = message.split_once("no PriorityClass with name ")?;
    Some(Denial::PriorityClass { name: rest.split(' ').next()?.trim_matches('"').to_owned() })
}

fn account(message: &str) -> Option<Denial> {
    let name = quoted_after(message, "serviceaccount ").filter(|_| message.contains("not found"))?;
    Some(Denial::ServiceAccount { name })
}

fn limit_range(message: &str) -> Option<Denial> {
    let starts = ["maximum ", "minimum "];
    let usage = starts.iter().find_map(|start| {
        let at = message.find(&format!("{start}cpu usage")).or_else(|| message.find(&format!("{start}memory usage")));
        at.or_else(|| message.find(&format!("{start}storage usage")))
            .or_else(|| message.find(&format!("{start}ephemeral-storage usage")))
    });
    let at = usage.or_else(|| {
        message.find(" max limit to request ratio per ").map(|at| message[..at].rfind([' ', '[']).map_or(0, |b| b + 1))
    })?;
    let rule = message[at..].trim_end_matches([']', '.']);
    Some(Denial::LimitRange { rule: clip(rule) })
}

fn rbac(message: &str) -> Option<Denial> {
    let (_, rest) = message.split_once("User \"")?;
    let (user, rest) = rest.split_once('"')?;
    let (_, rest) = rest.split_once("cannot ")?;
    let verb = rest.split(' ').next()?.to_owned();
    let resource = quoted_after(rest, "resource ")?;
    Some(Denial::Rbac { user: user.to_owned(), verb, resource })
}

fn invalid(message: &str) -> Option<Denial> {
    let (_, rest) = message.split_once(" is invalid: ")?;
    Some(Denial::Invalid { reason: clip(rest) })
}

/// The text in double quotes right after `label`.
fn quoted_after(text: &str, label: &str) -> Option<String> {
    let (_, rest) = text.split_once(&format!("{label}\""))?;
    rest.split_once('"').map(|(name, _)| name.to_owned())
}

/// A reason short enough for a sentence.
fn clip(text: &str) -> String {
    const LONGEST: usize = 300;
    let text = text.trim();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &[(&str, &str)]) -> Vec<Amount> {
        text.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    }

    #[test]
    fn quotas_give_what_was_asked_used_and_allowed() {
        let message = r#"Error creating: pods "etl-7c5f-x1" is forbidden: exceeded quota: team, requested: cpu=2,limits.memory=4Gi, used: cpu=9,limits.memory=30Gi, limited: cpu=10,limits.memory=32Gi"#;
        let expected = Denial::Quota {
            quota: "team".into(),
            requested: pairs(&[("cpu", "2"), ("limits.memory", "4Gi")]),
            used: pairs(&[("cpu", "9"), ("limits.memory", "30Gi")]),
            limited: pairs(&[("cpu", "10"), ("limits.memory", "32Gi")]),
        };
        assert_eq!(parse(message), Some(expected));
        let demands =
            r#"pods "a" is forbidden: failed quota: team: must specify limits.cpu for: web; limits.memory for: web"#;
        assert!(matches!(parse(demands), Some(Denial::QuotaDemands { quota, .. }) if quota == "team"));
    }

    #[test]
    fn webhooks_that_are_down_are_told_from_those_that_deny() {
        let down = r#"Error creating: Internal error occurred: failed calling webhook "pods.policy.example.org": failed to call webhook: Post "https://policy.sec.svc:443/v?timeout=10s": no endpoints available for service "policy""#;
        assert!(
            matches!(parse(down), Some(Denial::WebhookDown { webhook, error }) if webhook == "pods.policy.example.org" && error.starts_with("Post"))
        );
        let denied = r#"Error creating: admission webhook "pods.policy.example.org" denied the request: image must come from our registry"#;
        assert_eq!(
            parse(denied),
            Some(Denial::WebhookDenied {
                webhook: "pods.policy.example.org".into(),
                reason: "image must come from our registry".into()
            })
        );
    }

    #[test]
    fn every_other_refusal_is_read() {
        let kinds = [
            (
                r#"pods "a" is forbidden: error looking up service account shop/payer: serviceaccount "payer" not found"#,
                "ServiceAccount",
            ),
            (
                r#"pods "a" is forbidden: [maximum cpu usage per Container is 1, but limit is 4, maximum memory usage per Container is 1Gi, but limit is 2Gi]"#,
                "LimitRange",
            ),
            (
                r#"pods "a" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 4.000000"#,
                "LimitRange",
            ),
            (
                r#"pods "a" is forbidden: violates PodSecurity "baseline:latest": privileged (container "a" must not set securityContext.privileged=true)"#,
                "PodSecurity",
            ),
            (
                r#"pods "a" is forbidden: ValidatingAdmissionPolicy 'owners' with binding 'owners-all' denied request: label owner is required"#,
                "Policy",
            ),
            (
                r#"pods "a" is forbidden: unable to validate against any security context constraint: [provider restricted-v2: .containers[0].runAsUser: Invalid value: 0]"#,
                "SecurityConstraint",
            ),
            (r#"pods "a" is forbidden: pod rejected: RuntimeClass "kata" not found"#, "RuntimeClass"),
            (r#"pods "a" is forbidden: no PriorityClass with name gold was found"#, "PriorityClass"),
            (
                r#"pods is forbidden: User "system:serviceaccount:ci:bot" cannot list resource "pods" in API group "" in the namespace "ci""#,
                "Rbac",
            ),
            (
                r#"Pod "a" is invalid: spec.containers[0].resources.requests: Invalid value: "4": must be less than or equal to cpu limit of 2"#,
                "Invalid",
            ),
        ];
        for (message, kind) in kinds {
            let denial = parse(message).unwrap_or_else(|| panic!("{message}"));
            assert!(format!("{denial:?}").starts_with(kind), "{message}: {denial:?}");
        }
        assert_eq!(parse("Created pod: api-1"), None);
    }
}
