//! Looking after a folder, also while a server holds it.

use super::bench;
use serde_json::json;

#[test]
fn a_folder_is_looked_after_through_the_server_that_holds_it() {
    let bench = bench();
    bench.run(["create", "Server", "name=web-01", "description=secret"]).ended(0);
    let _server = bench.serve();
    bench.run(["purge", "web-01", "--attribute", "description"]).ended(0).says("erased description");
    bench.run(["compact"]).ended(0).says("unused space was given back");
    bench.run(["verify", "--full"]).ended(0).says("all is well");
    assert_eq!(bench.json(["verify"])["clean"], json!(true));
    let backup = bench.folder.path().join("b.cmdb");
    bench.run(["backup".as_ref(), backup.as_os_str()]).ended(0);
}
