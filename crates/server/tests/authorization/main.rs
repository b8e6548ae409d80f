//! Who can do what: every endpoint of the served document is tried as everybody who must not be let in, and as who must.
//! What is expected stands in `docs/authorization.md`; an endpoint without a row there fails.

mod actors;
mod bodies;
mod matrix;
mod others;
mod surface;
mod table;
