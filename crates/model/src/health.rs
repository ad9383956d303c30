/// How an entity was seen to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Its own state says that it works.
    Well,
    /// Its own state says that it does not, or not wholly.
    Unwell,
    /// Its state was not printed.
    Unknown,
}
