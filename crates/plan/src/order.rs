//! The order in which entities are loaded: parents first, cycles together.

use std::collections::{BTreeMap, BTreeSet};

/// Entities that are loaded together: one, or several that refer to each other in a circle (also one that
/// refers to itself).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The entities, in the order of the project file.
    pub entities: Vec<String>,
    /// Whether references inside the step are set in a second pass.
    pub cyclic: bool,
}

/// Orders entities by their references: every step comes after those that it refers to; where the references
/// leave a choice, the order of `entities` decides. References to unknown entities are ignored (they are
/// problems elsewhere). Tarjan's strongly connected components, visited in the given order.
pub fn order(entities: &[String], references: &BTreeMap<String, BTreeSet<String>>) -> Vec<Step> {
    let mut walk = Walk {
        names: entities,
        position: entities.iter().enumerate().map(|(i, n)| (n.as_str(), i)).collect(),
        references,
        index: vec![None; entities.len()],
        low: vec![0; entities.len()],
        on_stack: vec![false; entities.len()],
        stack: Vec::new(),
        next: 0,
        steps: Vec::new(),
    };
    for entity in 0..entities.len() {
        if walk.index[entity].is_none() {
            walk.visit(entity);
        }
    }
    walk.steps
}

struct Walk<'a> {
    names: &'a [String],
    position: BTreeMap<&'a str, usize>,
    references: &'a BTreeMap<String, BTreeSet<String>>,
    index: Vec<Option<usize>>,
    low: Vec<usize>,
    on_stack: Vec<bool>,
    stack: Vec<usize>,
    next: usize,
    steps: Vec<Step>,
}

impl Walk<'_> {
    /// The recursion is as deep as the longest chain of references, which a person wrote.
    fn visit(&mut self, entity: usize) {
        self.index[entity] = Some(self.next);
        self.low[entity] = self.next;
        self.next += 1;
        self.stack.push(entity);
        self.on_stack[entity] = true;
        for parent in self.parents(entity) {
            match self.index[parent] {
                None => {
                    self.visit(parent);
                    self.low[entity] = self.low[entity].min(self.low[parent]);
                }
                Some(index) if self.on_stack[parent] => self.low[entity] = self.low[entity].min(index),
                Some(_) => {}
            }
        }
        if Some(self.low[entity]) == self.index[entity] {
            self.close(entity);
        }
    }

    fn parents(&self, entity: usize) -> Vec<usize> {
        let mut parents: Vec<usize> = self
            .references
            .get(&self.names[entity])
            .into_iter()
            .flatten()
            .filter_map(|name| self.position.get(name.as_str()).copied())
            .collect();
        parents.sort_unstable();
        parents
    }

    fn close(&mut self, root: usize) {
        let mut members = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.on_stack[member] = false;
            members.push(member);
            if member == root {
                break;
            }
        }
        members.sort_unstable();
        let cyclic = members.len() > 1 || self.parents(root).contains(&root);
        let entities = members.into_iter().map(|m| self.names[m].clone()).collect();
        self.steps.push(Step { entities, cyclic });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `a>b` reads: a refers to b. The result lists the steps, members of a circle joined by `+`.
    fn ordered(entities: &str, references: &str) -> String {
        let names: Vec<String> = entities.split(' ').map(String::from).collect();
        let mut map: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (from, to) in references.split(' ').filter_map(|r| r.split_once('>')) {
            map.entry(from.into()).or_default().insert(to.into());
        }
        let steps = order(&names, &map);
        let shown = steps.iter().map(|s| {
            let names = s.entities.join("+");
            if s.cyclic { format!("({names})") } else { names }
        });
        shown.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn parents_come_first_whatever_the_order_of_the_file() {
        for (entities, references, expected) in [
            ("users bookings payments", "bookings>users payments>bookings", "users bookings payments"),
            ("payments bookings users", "bookings>users payments>bookings", "users bookings payments"),
            ("a b c", "", "a b c"),
            ("c b a", "c>a", "a c b"),
            ("users", "users>users", "(users)"),
            ("a b c d", "a>b b>c c>a d>a", "(a+b+c) d"),
            ("a b", "a>nowhere b>a", "a b"),
            ("x p q", "p>q q>p x>p", "(p+q) x"),
        ] {
            assert_eq!(ordered(entities, references), expected, "{entities} | {references}");
        }
    }
}
