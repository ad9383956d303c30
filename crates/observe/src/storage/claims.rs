//! Claims without a volume: the one reason why.

use firstfault_gather::{Event, Object, World};
use firstfault_model::{Declaration, Entity, Evidence, Finding, Grade, State};

use super::fit::{self, Misfit, class, misfits, names};
use super::users::{User, Users};
use super::{
    ACCESS_MODE, BOUND_ELSEWHERE, CLAIM_LOST, CLAIM_MISSING, CLASS_MISMATCH, CLASS_MISSING, FREE_UNFIT, NO_VOLUME,
    PENDING, PROVISIONER_DOWN, PROVISIONING_FAILED, RELEASED, SELECTOR, TOO_SMALL, VOLUME_MISSING, VOLUME_MODE,
    WAITS_FOR_CONSUMER,
};
use crate::admission::keeps_out;
use crate::merge::Merged;
use crate::scheduling::Waiting;
use crate::selector;

/// Finds claims that are pending or lost, and claims that do not exist.
pub(super) fn detect(world: &World, users: &Users<'_>, merged: &mut Merged) {
    for claim in world.kind("PersistentVolumeClaim").filter(|claim| claim.is_live()) {
        if !claim.at("metadata.deletionTimestamp").is_null() {
            continue;
        }
        match claim.at("status.phase").text() {
            "Pending" => pending(world, users, claim, merged),
            "Lost" => Case::new(world, users, claim).say(&CLAIM_LOST, "phase: Lost", Grade::Certain, merged),
            _ => {}
        }
    }
    missing(world, users, merged);
    missing_by_word(world, merged);
}

/// A claim, who waits for it, and what was said of it last.
struct Case<'w> {
    world: &'w World,
    claim: &'w Object,
    user: Option<User<'w>>,
    event: Option<&'w Event>,
}

impl<'w> Case<'w> {
    fn new(world: &'w World, users: &Users<'w>, claim: &'w Object) -> Self {
        let entity = claim.entity();
        let event = world.events.iter().rev().find(|event| event.about == entity);
        Self { world, claim, user: users.of(world, claim), event }
    }

    fn carrier(&self) -> Entity {
        self.user.as_ref().map_or_else(|| self.claim.entity(), |user| user.carrier.clone())
    }

    fn finding(&self, declaration: &Declaration, what: &str, grade: Grade) -> Finding {
        let evidence = self.claim.cite(&format!("PersistentVolumeClaim {}: {what}", self.claim.name));
        let said = self.event.map(Event::cite);
        let size = self.claim.at("spec.resources.requests.storage");
        let finding = Finding::new(declaration, self.carrier(), evidence)
            .citing(said)
            .graded(grade)
            .seen(
                crate::pod::time(self.claim.at("metadata.creationTimestamp")),
                self.event.and_then(|event| event.last),
            )
            .about(self.claim.entity())
            .with("claim", self.claim.name.as_str())
            .with("class", class(self.claim));
        if size.is_null() { finding } else { finding.with("size", size.show()) }
    }

    fn say(&self, declaration: &Declaration, what: &str, grade: Grade, merged: &mut Merged) {
        merged.add(self.finding(declaration, what, grade));
    }

    fn message(&self) -> &'w str {
        self.event.map_or("", |event| &event.message)
    }
}

fn pending(world: &World, users: &Users<'_>, claim: &Object, merged: &mut Merged) {
    let case = Case::new(world, users, claim);
    if waits_for_consumer(&case) {
        let finding = case.finding(&WAITS_FOR_CONSUMER, "phase: Pending, class binds on first use", Grade::Strong);
        merged.add(finding);
        return;
    }
    case.say(&PENDING, "phase: Pending", Grade::Certain, merged);
    if let Some(finding) = named_volume(&case).or_else(|| why(&case)) {
        merged.add(finding);
    }
}

/// The class binds on first use: no fault of the claim, whatever keeps the pod away.
fn waits_for_consumer(case: &Case<'_>) -> bool {
    let class = case.world.object("StorageClass", None, class(case.claim));
    let by_class = class.is_some_and(|class| class.at("volumeBindingMode").text() == "WaitForFirstConsumer");
    match case.event {
        Some(event) => event.reason == "WaitForFirstConsumer" || event.reason == "WaitForPodScheduled",
        None => by_class,
    }
}

/// The claim names its volume: that one has to fit.
fn named_volume(case: &Case<'_>) -> Option<Finding> {
    let name = case.claim.at("spec.volumeName").as_str().filter(|name| !name.is_empty())?;
    let Some(volume) = case.world.object("PersistentVolume", None, name).filter(|volume| volume.is_live()) else {
        if case.world.is_missing("PersistentVolume", None, name) {
            let finding =
                case.finding(&VOLUME_MISSING, &format!("volumeName: {name}, which does not exist"), Grade::Certain);
            return Some(finding.with("volume", name));
        }
        return from_message(case, Some(name));
    };
    if let Some(misfit) = misfits(case.claim, volume).into_iter().next() {
        return Some(misfitting(case, volume, misfit));
    }
    from_message(case, Some(name)).or_else(|| unfit(case, volume))
}

/// A claim that was not printed in full waits while a volume is free that fits in all that was printed.
fn unfit(case: &Case<'_>, volume: &Object) -> Option<Finding> {
    let free = volume.at("status.phase").text() == "Available";
    if case.claim.is_whole() || !free || crate::pod::is_new(case.world, case.claim) {
        return None;
    }
    let place = volume.cite(&format!("PersistentVolume {}: Available", volume.name));
    let finding = case.finding(&FREE_UNFIT, "phase: Pending", Grade::Strong);
    Some(finding.citing([place]).with("volume", volume.name.as_str()))
}

fn why(case: &Case<'_>) -> Option<Finding> {
    let wanted = class(case.claim);
    let volumes: Vec<&Object> = case.world.kind("PersistentVolume").filter(|volume| volume.is_live()).collect();
    if !case.claim.is_whole() {
        // What was not printed of the claim may be what keeps it from a volume.
        let exact = meaning(case.message()).is_some_and(|declaration| declaration.id != NO_VOLUME.id);
        let free = |volume: &&&Object| volume.at("status.phase").text() == "Available";
        if exact {
            return from_message(case, None);
        }
        if let Some(volume) = volumes.iter().filter(free).find(|volume| misfits(case.claim, volume).is_empty()) {
            return if provisions(case, wanted) { from_provisioner(case) } else { unfit(case, volume) };
        }
    }
    let same_class = volumes.iter().any(|volume| class(volume) == wanted);
    if !wanted.is_empty() && !same_class && class_is_missing(case, wanted) {
        return Some(class_missing(case, wanted, &volumes));
    }
    if !wanted.is_empty() && provisions(case, wanted) {
        return from_provisioner(case);
    }
    let listed = case.world.coverage.complete("PersistentVolume", None) || !volumes.is_empty();
    if !listed {
        return from_message(case, None);
    }
    Some(closest(case, &volumes).unwrap_or_else(|| {
        let grade = if case.world.coverage.complete("PersistentVolume", None) { Grade::Certain } else { Grade::Fair };
        case.finding(&NO_VOLUME, &format!("class: {}, no volume is free", show_class(wanted)), grade)
    }))
}

fn show_class(class: &str) -> &str {
    if class.is_empty() { "none" } else { class }
}

fn class_is_missing(case: &Case<'_>, class: &str) -> bool {
    let said = case.message().contains("storageclass.storage.k8s.io") && case.message().contains("not found");
    let known = case.world.object("StorageClass", None, class).is_some_and(Object::is_live);
    !known && (said || case.world.is_missing("StorageClass", None, class))
}

/// A class that does not exist: the name of nothing, or a word too many where a plain volume waits.
fn class_missing(case: &Case<'_>, wanted: &str, volumes: &[&Object]) -> Finding {
    let plain = volumes
        .iter()
        .find(|volume| class(volume).is_empty() && misfits(case.claim, volume).into_iter().eq([Misfit::Class]));
    if let Some(volume) = plain {
        return misfitting(case, volume, Misfit::Class);
    }
    let what = format!("storageClassName: {wanted}, which does not exist");
    let grade = if case.world.is_missing("StorageClass", None, wanted) { Grade::Certain } else { Grade::Strong };
    case.finding(&CLASS_MISSING, &what, grade)
}

/// Whether the class makes volumes on demand.
fn provisions(case: &Case<'_>, class: &str) -> bool {
    let class = case.world.object("StorageClass", None, class);
    let provisioner = class.map_or("", |class| class.at("provisioner").text());
    let external =
        matches!(case.event.map(|event| event.reason.as_str()), Some("ExternalProvisioning" | "Provisioning"));
    let failed = case.event.is_some_and(|event| event.reason == "ProvisioningFailed")
        && !case.message().contains("no-provisioner");
    (!provisioner.is_empty() && provisioner != "kubernetes.io/no-provisioner") || external || failed
}

fn from_provisioner(case: &Case<'_>) -> Option<Finding> {
    let entity = case.claim.entity();
    let failed =
        case.world.events.iter().rev().find(|event| event.about == entity && event.reason == "ProvisioningFailed");
    if let Some(event) = failed {
        let finding = case.finding(&PROVISIONING_FAILED, "phase: Pending", Grade::Strong).citing([event.cite()]);
        return Some(finding.with("error", clip(&event.message)));
    }
    let waits = case.event.is_none_or(|event| event.reason == "ExternalProvisioning");
    let provisioner = provisioner(case);
    waits.then(|| {
        let finding = case.finding(&PROVISIONER_DOWN, &format!("waits for the provisioner {provisioner}"), Grade::Fair);
        let repeated = case.event.is_some_and(|event| event.count > 3);
        finding.graded(if repeated { Grade::Strong } else { Grade::Fair }).with("provisioner", provisioner)
    })
}

fn provisioner(case: &Case<'_>) -> String {
    let class = case.world.object("StorageClass", None, class(case.claim));
    let named = class.map(|class| class.at("provisioner").text()).filter(|name| !name.is_empty());
    named
        .or_else(|| quoted(case.message(), '\''))
        .or_else(|| quoted(case.message(), '"'))
        .unwrap_or_default()
        .to_owned()
}

pub(super) fn quoted(text: &str, quote: char) -> Option<&str> {
    let (_, rest) = text.split_once(quote)?;
    rest.split_once(quote).map(|(name, _)| name)
}

/// The volume that would do but for one thing.
fn closest(case: &Case<'_>, volumes: &[&Object]) -> Option<Finding> {
    let reserved = volumes
        .iter()
        .find(|volume| volume.at("status.phase").text() == "Released" && names(volume.at("spec.claimRef"), case.claim));
    if let Some(volume) = reserved {
        return Some(misfitting(case, volume, Misfit::Released));
    }
    // A volume of some class is not meant for a claim of none.
    let unclassed = class(case.claim).is_empty();
    let single = volumes.iter().filter_map(|volume| {
        let misfits = misfits(case.claim, volume);
        let only = misfits.first().copied().filter(|_| misfits.len() == 1)?;
        (only != Misfit::Class || !unclassed).then_some((only, *volume))
    });
    let (misfit, volume) = single.min_by_key(|(misfit, _)| *misfit)?;
    Some(misfitting(case, volume, misfit))
}

fn misfitting(case: &Case<'_>, volume: &Object, misfit: Misfit) -> Finding {
    let claim = case.claim;
    let (declaration, claimed, offered) = match misfit {
        Misfit::Released => (&RELEASED, "a free volume".to_owned(), format!("Released, claimRef: {}", owner(volume))),
        Misfit::Taken => (&BOUND_ELSEWHERE, "a free volume".to_owned(), format!("bound to {}", owner(volume))),
        Misfit::Selector => {
            let labels = selector::show_labels(volume.at("metadata.labels")).join(",");
            (
                &SELECTOR,
                selector::show(claim.at("spec.selector")),
                if labels.is_empty() { "no labels".into() } else { labels },
            )
        }
        Misfit::AccessMode => (&ACCESS_MODE, claim.at("spec.accessModes").show(), volume.at("spec.accessModes").show()),
        Misfit::Size => {
            (&TOO_SMALL, claim.at("spec.resources.requests.storage").show(), volume.at("spec.capacity.storage").show())
        }
        Misfit::Mode => (&VOLUME_MODE, claim.at("spec.volumeMode").show(), volume.at("spec.volumeMode").show()),
        Misfit::Class => {
            (&CLASS_MISMATCH, show_class(class(claim)).to_owned(), show_class(fit::class(volume)).to_owned())
        }
    };
    let place = volume.cite(&format!("PersistentVolume {}: {offered}", volume.name));
    case.finding(declaration, &format!("wants {claimed}"), Grade::Certain)
        .citing([place])
        .with("volume", volume.name.as_str())
        .with("wanted", claimed)
        .with("offered", offered)
}

fn owner(volume: &Object) -> String {
    format!("{}/{}", volume.at("spec.claimRef.namespace").text(), volume.at("spec.claimRef.name").text())
}

/// What the controller says, where no volume was collected.
fn from_message(case: &Case<'_>, volume: Option<&str>) -> Option<Finding> {
    let message = case.message();
    let finding = case.finding(meaning(message)?, "phase: Pending", Grade::Strong);
    let named = volume.or_else(|| quoted(message, '"'));
    Some(match named {
        Some(name) => finding.with("volume", name),
        None => finding,
    })
}

/// What a message of the volume controller tells.
pub(super) fn meaning(message: &str) -> Option<&'static Declaration> {
    let known: &[(&str, &'static Declaration)] = &[
        ("requested PV is too small", &TOO_SMALL),
        ("incompatible accessMode", &ACCESS_MODE),
        ("incompatible volumeMode", &VOLUME_MODE),
        ("storageClassName does not match", &CLASS_MISMATCH),
        ("already bound to a different claim", &BOUND_ELSEWHERE),
        ("no persistent volumes available for this claim", &NO_VOLUME),
        ("no volume plugin matched name", &NO_VOLUME),
    ];
    known.iter().find(|(words, _)| message.contains(words)).map(|(_, declaration)| *declaration)
}

/// Claims that are mounted and that a complete listing does not have.
fn missing(world: &World, users: &Users<'_>, merged: &mut Merged) {
    for ((namespace, name), user) in users.claims() {
        if !world.is_missing("PersistentVolumeClaim", namespace.as_deref(), name) {
            continue;
        }
        let Some(object) = user.object.filter(|object| object.is_live()) else { continue };
        let wanted = world.object("PersistentVolumeClaim", namespace.as_deref(), name);
        if wanted.is_some_and(|claim| keeps_out(world, claim)) || is_well(world, &user.carrier, object) {
            continue;
        }
        let what = format!("{} {}: claimName: {name}, which is not in the listing", object.kind, object.name);
        merged.add(missing_claim(world, &user.carrier, name, object.cite(&what)).graded(Grade::Certain));
    }
}

fn is_well(world: &World, carrier: &Entity, object: &Object) -> bool {
    let workload = world.object_of(carrier).unwrap_or(object);
    let idle = workload.at("spec.replicas").as_int() == Some(0);
    idle || matches!(object.at("status.phase").text(), "Running" | "Succeeded")
}

/// `persistentvolumeclaim "x" not found`, said by the scheduler of a pod that still waits.
fn missing_by_word(world: &World, merged: &mut Merged) {
    for (carrier, pods) in crate::scheduling::waiting(world) {
        for waiting in pods {
            if let Some(finding) = unbound(world, &carrier, &waiting) {
                merged.add(finding);
            }
            let Some(name) = waiting.said.as_ref().and_then(|said| said.missing_claim.clone()) else { continue };
            let claim = world.object("PersistentVolumeClaim", waiting.pod.namespace.as_deref(), &name);
            if claim.is_some_and(|claim| claim.is_live() || keeps_out(world, claim)) {
                continue;
            }
            let evidence =
                waiting.event.map(Event::cite).or_else(|| waiting.ask.pod.map(|pod| pod.cite("phase: Pending")));
            let Some(evidence) = evidence else { continue };
            merged.add(missing_claim(world, &carrier, &name, evidence));
        }
    }
}

/// The scheduler waits for claims of which nothing else was collected.
fn unbound(world: &World, carrier: &Entity, waiting: &Waiting<'_>) -> Option<Finding> {
    let unbound = waiting.said.as_ref().is_some_and(|said| said.unbound_claims);
    let collected = world.kind_in("PersistentVolumeClaim", carrier.namespace.as_deref()).any(|claim| claim.is_live());
    let event = waiting.event.filter(|_| unbound && !collected)?;
    Some(Finding::new(&PENDING, carrier.clone(), event.cite()).seen(event.first, event.last))
}

fn missing_claim(world: &World, carrier: &Entity, name: &str, evidence: Evidence) -> Finding {
    let namespace = carrier.namespace.clone();
    let about = Entity { kind: "PersistentVolumeClaim".into(), namespace: namespace.clone(), name: name.into() };
    let alike = world.kind_in("PersistentVolumeClaim", namespace.as_deref()).find(|claim| is_alike(&claim.name, name));
    let finding = Finding::new(&CLAIM_MISSING, carrier.clone(), evidence)
        .about(about)
        .in_state(State::Current)
        .with("claim", name);
    match alike {
        Some(claim) => finding
            .with("alike", claim.name.as_str())
            .citing([claim.cite(&format!("PersistentVolumeClaim {}", claim.name))]),
        None => finding,
    }
}

/// One letter more, less or other.
fn is_alike(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if a == b || long.len() - short.len() > 1 {
        return false;
    }
    let same_head = short.bytes().zip(long.bytes()).take_while(|(x, y)| x == y).count();
    let (rest, other) = (&short.as_bytes()[same_head..], &long.as_bytes()[same_head..]);
    if short.len() == long.len() { rest.get(1..) == other.get(1..) } else { Some(rest) == other.get(1..) }
}

pub(super) fn clip(text: &str) -> String {
    match text.char_indices().nth(240) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
