//! Two wallets, and four bytes for everything that happens to them: payments honest and forged, what a chain or an operator
//! says (true or not), clocks that go back, writes that fail, apps that are opened again. Nothing panics; what was shown is
//! stored; an honest payer signs no two payments that conflict, and none beyond the funds that it was told of; and a
//! wallet that is opened again knows what it knew.
#![no_main]

mod wallet_world;

use libfuzzer_sys::fuzz_target;
use wallet_world::World;

fuzz_target!(|bytes: &[u8]| {
    let mut world = World::new();
    // Longer histories find nothing that these do not, and take their time.
    for action in bytes.chunks_exact(4).take(64) {
        let [kind, x, y, z] = *action else { return };
        world.act(kind, x, y, z);
        world.check();
    }
});
