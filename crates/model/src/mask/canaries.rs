//! Made-up secrets of every kind, the same on every run: for the tests of the masks here and of the
//! reports in `crates/firstfault/tests/canaries.rs`.

/// A small generator (xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| alphabet[(self.next() >> 7) as usize % alphabet.len()] as char).collect()
    }
}

pub(crate) const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const UPPER: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub(crate) const HEX: &[u8] = b"0123456789abcdef";

/// A secret: the variable that holds it, its value, and the part of it that nobody may see.
pub(crate) struct Canary {
    pub(crate) name: &'static str,
    pub(crate) value: String,
    pub(crate) hidden: String,
}

/// One of each kind. Names that do not say what they hold make a secret known by its form alone.
pub(crate) fn canaries(r: &mut Random) -> Vec<Canary> {
    let mut all = Vec::new();
    let mut add = |name, prefix: &str, hidden: String, suffix: &str| {
        all.push(Canary { name, value: format!("{prefix}{hidden}{suffix}"), hidden });
    };
    add("DB_PASSWORD", "", r.text(ALNUM, 12), "");
    add("AWS_SECRET_ACCESS_KEY", "", r.text(ALNUM, 40), "");
    add("AWS_ACCESS_KEY_ID", "AKIA", r.text(UPPER, 16), "");
    add("GOOGLE_API_KEY", "AIza", r.text(ALNUM, 35), "");
    add("GITHUB_TOKEN", "ghp_", r.text(ALNUM, 36), "");
    add("GITHUB_PAT", "github_pat_", r.text(ALNUM, 60), "");
    add("GITLAB", "glpat-", r.text(ALNUM, 20), "");
    add("SLACK", "xoxb-", format!("{}-{}", r.text(b"123456789", 11), r.text(ALNUM, 24)), "");
    add("STRIPE", "sk_live_", r.text(ALNUM, 24), "");
    add("NPM", "npm_", r.text(ALNUM, 36), "");
    add("PYPI", "pypi-AgEIcHlwaS5vcmc", r.text(ALNUM, 60), "");
    add("SENDGRID", "SG.", format!("{}.{}", r.text(ALNUM, 22), r.text(ALNUM, 43)), "");
    add("TWILIO", "SK", r.text(HEX, 32), "");
    add("OAUTH", "ya29.", r.text(ALNUM, 60), "");
    add("VAULT", "hvs.", r.text(ALNUM, 24), "");
    add("DIGITALOCEAN", "dop_v1_", r.text(HEX, 64), "");
    let account = "DefaultEndpointsProtocol=https;AccountName=mill;AccountKey=";
    add("AZURE_STORAGE", account, r.text(ALNUM, 86), "==");
    let claims = format!("{}.{}", r.text(ALNUM, 40), r.text(ALNUM, 43));
    add("JWT", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.", claims, "");
    add("DATABASE_URL", "postgres://mill:", r.text(ALNUM, 16), "@db-1:5432/planks");
    add("REDIS_URL", "redis://:", r.text(ALNUM, 16), "@cache-1:6379/0");
    add("ADO", "Server=db-1;User Id=mill;Password=", r.text(ALNUM, 14), ";Encrypt=true");
    all
}

/// Base64 with padding, as a Secret holds its values.
pub(crate) fn base64(text: &str) -> String {
    const SIX: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in text.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            out.push(if i <= chunk.len() { SIX[(bits >> (18 - 6 * i)) as usize & 63] as char } else { '=' });
        }
    }
    out
}
