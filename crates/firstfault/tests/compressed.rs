//! Where a line of a compressed file is found again.

mod support;

use std::fs;
use std::io::Write as _;

use support::firstfault;

const LOG: &str = "2026-11-24T10:00:00Z INFO up\n2026-11-24T10:00:01Z ERROR write /data/x: no space left on device\n";

#[test]
fn the_line_of_a_compressed_file_is_shown_with_what_unpacks_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let shown = || {
        let output = firstfault(&["investigate", folder.path().to_str().expect("plain"), "--no-color"]);
        String::from_utf8(output.stdout).expect("text")
    };
    fs::create_dir(folder.path().join("logs")).expect("a folder");
    let packed = folder.path().join("logs/orders.log.gz");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(LOG.as_bytes()).expect("packed");
    fs::write(&packed, packer.finish().expect("packed")).expect("written");
    let text = shown();
    assert!(text.contains(&format!("zcat {} | sed -n 2p", packed.display())), "{text}");
    assert!(text.contains("logs/orders.log:2"), "{text}");
    // Of a plain file the place is enough.
    fs::remove_file(&packed).expect("gone");
    fs::write(folder.path().join("logs/orders.log"), LOG).expect("written");
    let text = shown();
    assert!(text.contains("logs/orders.log:2") && !text.contains("zcat"), "{text}");
}
