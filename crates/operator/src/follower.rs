//! What the chain says, followed block by block.
//!
//! What the contract tells is [heard](Heard), made into a [fact](ChainFact) that stands on its own, and folded into the
//! [state](State) of each [subject](Subject) that it touches. A block that is taken back takes its facts with it: what
//! remains is folded again from the last final state. So head and final state of a subject are always the fold of its
//! facts, whatever way the chain came to where it is.

mod advance;
mod block;
mod fact;
mod fold;
mod heard;
mod nodes;
mod state;
mod subject;

pub use advance::{Advance, Followed, RollBack, advance, finalize, roll_back, touched};
pub use block::{BlockRef, ChainEntry, Change, Cursor, Deployed, NewEntry, Place};
pub use fact::ChainFact;
pub use fold::{FoldError, fold};
pub use heard::{Heard, HeardAt, complete};
pub use nodes::{Alarm, Course, Disagreement, NodeView, Views, Which, WhichNode, course};
pub use state::{
    AccountState, ChannelState, CircleState, MemberState, PairState, PurseState, State,
};
pub use subject::{Subject, UnknownSubject};
