//! An index for rule (iii): payments to different payees whose cumulatives add up to more than the higher end.
//!
//! With `slack = end - cumulative`, a payment P and a known Q break the rule if and only if `Q.cumulative > P.slack`
//! and `P.cumulative > Q.slack`. So among the known payments with a cumulative above P's slack, the one with the
//! smallest slack decides, if it is to another payee.
//!
//! Known payments stand in runs that are sorted by cumulative. Each place of a run knows the two smallest slacks from
//! there to its end that belong to different payees: one of the two is not P's payee. Runs of like length are merged as
//! they come (Bentley and Saxe's logarithmic method), which gives a question O(log² n) and an entry O(log n) amortized,
//! whatever an adversary signs.

/// A known payment, as the rule sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Point {
    pub(super) cumulative: u128,
    pub(super) slack: u128,
    /// The payee, by its number in the book.
    pub(super) payee: u32,
    /// Its first serial: which payment it is.
    pub(super) start: u128,
}

/// The two smallest slacks of different payees, from a place to the end of its run.
type Smallest = [Option<Point>; 2];

#[derive(Clone, Debug, Default)]
struct Run {
    /// Ascending by cumulative.
    points: Vec<Point>,
    smallest: Vec<Smallest>,
}

impl Run {
    fn new(mut points: Vec<Point>) -> Self {
        points.sort_by_key(|point| point.cumulative);
        let mut smallest = vec![[None; 2]; points.len()];
        let mut so_far: Smallest = [None; 2];
        for (point, place) in points.iter().zip(smallest.iter_mut()).rev() {
            so_far = with(so_far, *point);
            *place = so_far;
        }
        Self { points, smallest }
    }

    fn find(&self, asked: &Point) -> Option<Point> {
        let first = self
            .points
            .partition_point(|known| known.cumulative <= asked.slack);
        self.smallest
            .get(first)?
            .iter()
            .flatten()
            .find(|known| known.payee != asked.payee)
            .filter(|known| known.slack < asked.cumulative)
            .copied()
    }
}

fn with(smallest: Smallest, point: Point) -> Smallest {
    match smallest {
        [None, _] => [Some(point), None],
        [Some(first), second] if point.slack < first.slack => {
            let second = if first.payee == point.payee {
                second
            } else {
                Some(first)
            };
            [Some(point), second]
        }
        [Some(first), second] => {
            let smaller = second.is_none_or(|second| point.slack < second.slack);
            if point.payee != first.payee && smaller {
                [Some(first), Some(point)]
            } else {
                [Some(first), second]
            }
        }
    }
}

/// Everything that one purse promised.
#[derive(Clone, Debug, Default)]
pub(super) struct Overpromises {
    /// Longest first.
    runs: Vec<Run>,
}

impl Overpromises {
    /// The index of these.
    pub(super) fn new(points: Vec<Point>) -> Self {
        let mut index = Self::default();
        if !points.is_empty() {
            index.runs.push(Run::new(points));
        }
        index
    }

    /// A known payment to another payee that breaks rule (iii) with this one.
    pub(super) fn find(&self, asked: &Point) -> Option<Point> {
        self.runs.iter().find_map(|run| run.find(asked))
    }

    pub(super) fn insert(&mut self, point: Point) {
        let mut points = vec![point];
        while let Some(last) = self.runs.pop_if(|run| run.points.len() <= points.len()) {
            let mut longer = last.points;
            longer.append(&mut points);
            points = longer;
        }
        self.runs.push(Run::new(points));
    }
}
