//! The demo: the first thing that anybody runs.

use crate::place::bare;

#[test]
fn the_demo_runs_with_nothing_set_up_and_ends_as_promised() {
    let mut program = bare();
    // A demo reads no environment, so that it never touches a real service or database.
    program.set("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none");
    program.set("BUBBLE_API_URL", "http://127.0.0.1:1/api/1.1");
    let first = program.run(["demo"]).expect(0);
    assert!(first.stderr.contains("rejects, all expected"), "{}", first.stderr);
    assert!(first.stderr.contains("landfall rollback"), "{}", first.stderr);
    program.run(["demo"]).expect(0);
    let folder = program.folder().join("mine");
    std::fs::create_dir(&folder).expect("a new folder");
    std::fs::write(folder.join("precious.txt"), "x").expect("a new file");
    program.run(["demo", "culturebridge", "mine"]).expect(2);
    assert!(folder.join("precious.txt").exists(), "a folder that is no demo is left alone");
}

#[test]
fn the_demo_of_a_community_runs_with_nothing_set_up_and_ends_as_promised() {
    let mut program = bare();
    program.set("CIRCLE_API_URL", "http://127.0.0.1:1");
    program.set("BETTERMODE_API_URL", "http://127.0.0.1:1");
    program.set("NOTION_API_URL", "http://127.0.0.1:1");
    let first = program.run(["demo", "circle-to-bettermode"]).expect(0);
    assert!(first.stderr.contains("rejects, all expected"), "{}", first.stderr);
}
