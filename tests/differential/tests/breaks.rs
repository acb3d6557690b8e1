//! `breaks.sh` takes minutes, so nobody runs it with each change: at least its patches must fit the code.

use std::fs;
use std::path::Path;

#[test]
fn each_break_fits_the_code() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut patches = 0;
    for entry in fs::read_dir(here.join("breaks")).unwrap() {
        let patch = fs::read_to_string(entry.unwrap().path()).unwrap();
        let file = patch.lines().find_map(|line| line.strip_prefix("+++ b/")).unwrap();
        let code = fs::read_to_string(here.join("../..").join(file)).unwrap();
        let taken_out = patch.lines().filter(|line| line.starts_with('-') && !line.starts_with("---"));
        for line in taken_out {
            assert!(code.lines().any(|found| found == &line[1..]), "`{}` is not in {file}", &line[1..]);
            patches += 1;
        }
    }
    assert!(patches >= 3);
}
