use askama::Template;

use super::diagram;
use super::document::{Guard, Postmortem, Proof};

#[derive(Template)]
#[template(path = "postmortem.html")]
struct Page<'a> {
    document: &'a Postmortem,
    fishbone: String,
    fishbone_narrow: String,
    tree: String,
    tree_narrow: String,
    charts: Vec<(String, String)>,
    horizons: Vec<(&'static str, Vec<&'a super::document::Action>)>,
}

impl Page<'_> {
    fn clock(&self, at: &Option<String>) -> String {
        at.as_deref().and_then(|t| t.get(11..19)).unwrap_or("unknown").to_owned()
    }
    fn day(&self, at: &Option<String>) -> String {
        at.as_deref().and_then(|t| t.get(..10)).unwrap_or("").to_owned()
    }
    fn dash(&self, text: &Option<String>) -> String {
        text.clone().unwrap_or_else(|| "–".to_owned())
    }
    fn guard(&self, of: &Guard) -> &'static str {
        match of {
            Guard::Missing => "missing",
            Guard::Weak => "weak",
            Guard::DidNotStop => "did-not-stop",
            Guard::NotKnown => "not-known",
            Guard::Present => "present",
        }
    }
    fn place(&self, proof: &Option<Proof>) -> String {
        proof.as_ref().map_or_else(String::new, |p| p.place.clone())
    }
}

/// The document as one self-contained HTML page: no script, nothing loaded, a strict policy, inline SVG.
#[must_use]
pub fn html(document: &Postmortem) -> String {
    let of = |horizon: &str| document.actions.iter().filter(|a| a.horizon == horizon).collect::<Vec<_>>();
    let horizons = ["now", "this week", "this quarter"].into_iter().map(|h| (h, of(h))).filter(|(_, a)| !a.is_empty());
    let page = Page {
        document,
        fishbone: diagram::fishbone(document),
        fishbone_narrow: diagram::fishbone_narrow(document),
        tree: diagram::tree(&document.fault_tree),
        tree_narrow: diagram::tree_narrow(&document.fault_tree),
        charts: document.charts.iter().filter_map(|c| Some((c.title.clone(), diagram::chart(c)?))).collect(),
        horizons: horizons.collect(),
    };
    page.render().expect("rendering into a text cannot fail")
}
