//! Does a volume fit a claim, and if not, in which one way does it not?

use std::collections::BTreeSet;

use firstfault_gather::Object;
use firstfault_model::Value;

use crate::selector;
use firstfault_model::Quantity;

/// A way in which a volume does not fit a claim. The first is the one to name when several volumes
/// fail in different ways: what somebody set wrong stands before what is merely taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Misfit {
    /// It is released: still tied to a claim that was deleted.
    Released,
    /// Its labels are not those that are selected.
    Selector,
    /// It does not offer the access modes.
    AccessMode,
    /// It is too small.
    Size,
    /// Block instead of file system, or the reverse.
    Mode,
    /// It has another class.
    Class,
    /// Another claim has it.
    Taken,
}

/// All ways in which a volume does not fit. What is unknown fits.
pub(super) fn misfits(claim: &Object, volume: &Object) -> BTreeSet<Misfit> {
    let mut misfits = BTreeSet::new();
    let mut put = |misfit, wrong: bool| {
        if wrong {
            misfits.insert(misfit);
        }
    };
    let phase = volume.at("status.phase").text();
    put(Misfit::Released, matches!(phase, "Released" | "Failed"));
    put(Misfit::Taken, phase == "Bound" && !belongs_to(claim, volume) || is_reserved(claim, volume));
    put(Misfit::Class, class(claim) != class(volume));
    put(Misfit::AccessMode, lacks_mode(claim, volume));
    put(Misfit::Size, is_smaller(claim, volume));
    put(Misfit::Mode, mode(claim) != mode(volume));
    let selector = claim.at("spec.selector");
    put(Misfit::Selector, !selector.is_null() && !selector::matches(selector, volume.at("metadata.labels")));
    misfits
}

/// The class of a claim or volume; `""` for none.
pub(super) fn class(object: &Object) -> &str {
    let annotation = object.at("metadata.annotations").get("volume.beta.kubernetes.io/storage-class").text();
    let class = object.at("spec.storageClassName").text();
    if class.is_empty() { annotation } else { class }
}

fn mode(object: &Object) -> &str {
    object.at("spec.volumeMode").as_str().unwrap_or("Filesystem")
}

/// Whether the volume's claimRef names this claim (a uid of another generation is another claim).
pub(super) fn belongs_to(claim: &Object, volume: &Object) -> bool {
    let of = volume.at("spec.claimRef");
    let uid = of.at("uid").text();
    let own = claim.at("metadata.uid").text();
    names(of, claim) && (uid.is_empty() || own.is_empty() || uid == own)
}

/// Whether a claimRef has the claim's name and namespace.
pub(super) fn names(of: &Value, claim: &Object) -> bool {
    of.at("name").text() == claim.name.as_str() && Some(of.at("namespace").text()) == claim.namespace.as_deref()
}

fn is_reserved(claim: &Object, volume: &Object) -> bool {
    let of = volume.at("spec.claimRef");
    volume.at("status.phase").text() == "Available" && !of.at("name").text().is_empty() && !names(of, claim)
}

fn lacks_mode(claim: &Object, volume: &Object) -> bool {
    let offered = volume.at("spec.accessModes").list();
    let wanted = claim.at("spec.accessModes").list();
    !offered.is_empty() && wanted.iter().any(|mode| !offered.iter().any(|offer| offer.text() == mode.text()))
}

fn is_smaller(claim: &Object, volume: &Object) -> bool {
    let wanted = Quantity::of(claim.at("spec.resources.requests.storage"));
    let size = Quantity::of(volume.at("spec.capacity.storage"));
    wanted.zip(size).is_some_and(|(wanted, size)| wanted > size)
}
