//! Small kinds of the cluster.

use firstfault_model::Value;

use super::Description;
use crate::kubectl::words;

/// A PriorityClass.
pub(super) fn priority_class(description: &Description, body: &mut Value) {
    words::set_number(body, "value", description.value("Value"));
    if let Some(truth) = words::known(description.value("GlobalDefault")) {
        body.set("globalDefault", Value::Bool(truth == "true"));
    }
    words::set_known(body, "preemptionPolicy", description.value("PreemptionPolicy"));
    words::set_known(body, "description", description.value("Description"));
}
