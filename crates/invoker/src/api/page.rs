//! `limit` and `skip` of lists (OpenWhisk's `ListLimit` and `ListSkip`).

use super::Refusal;
use super::query::{Query, malformed};

const DEFAULT: usize = 30;
const MOST: usize = 200;

/// A part of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) skip: usize,
}

impl Page {
    /// Reads the page that a query asks for, of the list named `collection`.
    pub(crate) fn parse(query: &Query, collection: &str) -> Result<Self, Refusal> {
        let number = |key: &str, default: usize| match query.get(key) {
            None => Ok(i64::try_from(default).unwrap_or(i64::MAX)),
            Some(text) => text
                .parse::<i64>()
                .map_err(|_| malformed(key, &format!("The value '{text}' is not an integer for {collection}."))),
        };
        let limit = number("limit", DEFAULT)?;
        let skip = number("skip", 0)?;
        let limit = match usize::try_from(limit) {
            Ok(0) => MOST,
            Ok(limit) if limit <= MOST => limit,
            _ => {
                let reason = format!("The value '{limit}' is not in the range of 0 to {MOST} for {collection}.");
                return Err(malformed("limit", &reason));
            }
        };
        let skip = usize::try_from(skip).map_err(|_| {
            malformed("skip", &format!("The value '{skip}' is not greater than or equal to 0 for {collection}."))
        })?;
        Ok(Self { limit, skip })
    }

    /// The page of `items`.
    pub(crate) fn of<T>(self, items: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        items.into_iter().skip(self.skip).take(self.limit)
    }

    /// How many of `total` are counted: those after the skipped ones.
    pub(crate) fn count(self, total: usize) -> usize {
        total.saturating_sub(self.skip)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(query: &str) -> Result<(usize, usize), String> {
        let page = Page::parse(&Query::parse(query), "actions").map_err(|refusal| refusal.message)?;
        Ok((page.limit, page.skip))
    }

    #[test]
    fn limits_and_skips() {
        assert_eq!(page(""), Ok((30, 0)));
        assert_eq!(page("limit=0&skip=7"), Ok((200, 7)));
        assert_eq!(page("limit=200"), Ok((200, 0)));
        let prefix = "The query parameter 'limit' was malformed:\n";
        assert_eq!(
            page("limit=201"),
            Err(format!("{prefix}The value '201' is not in the range of 0 to 200 for actions."))
        );
        assert_eq!(page("limit=x"), Err(format!("{prefix}The value 'x' is not an integer for actions.")));
        assert!(page("skip=-1").unwrap_err().contains("'-1' is not greater than or equal to 0 for actions."));
    }

    #[test]
    fn pages_of_lists() {
        let page = Page { limit: 2, skip: 3 };
        assert_eq!(page.of(0..10).collect::<Vec<_>>(), [3, 4]);
        assert_eq!((page.count(10), page.count(2)), (7, 0));
    }
}
