use super::*;

mod hostile;
mod node;
mod tries;
