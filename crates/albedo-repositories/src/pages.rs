//! Pages and walks through the rows of any table: what is read, and where the pages around it are. Rows stay as the database has
//! told them.

use albedo_core::listing::{Anchor, At, ListRequest, Page, PageRequest, Side};
use albedo_core::scalar::Scalar;
use sea_orm::sea_query::{Asterisk, Expr, Func, SelectStatement};
use sea_orm::{ConnectionTrait, QueryResult};

use crate::error::RepositoryError;
use crate::keyset::{self, Key, Start, Way};
use crate::table::{Table, in_order};

/// What lies on one side of a place in a list.
pub(crate) struct Stretch {
    pub(crate) rows: Vec<QueryResult>,
    /// How many rows the whole list has, where they were counted.
    pub(crate) total: Option<u64>,
    /// Whether there are more on this side.
    has_more: bool,
    way: Way,
}

/// The values by which the place of a row is told.
pub(crate) type Place = Vec<Option<Scalar>>;

impl Table<'_> {
    pub(crate) async fn page(&self, request: &ListRequest) -> Result<Page<QueryResult>, RepositoryError> {
        let rows = self.listed(request);
        let PageRequest { size, .. } = request.page;
        let Some(offset) = request.page.offset() else {
            return Ok(if request.counts() {
                Page::of(Vec::new(), self.count(rows).await?, request.page)
            } else {
                Page::uncounted(Vec::new(), false, request.page)
            });
        };
        let mut ordered = in_order(rows.clone(), keyset::order(&self.keys(request))).offset(offset).take();
        if !request.counts() {
            // One row more tells whether there are more.
            let mut items = self.session.query_all(ordered.limit(size + 1)).await?;
            let has_more = cut(&mut items, size);
            return Ok(Page::uncounted(items, has_more, request.page));
        }
        let items = self.session.query_all(ordered.limit(size)).await?;
        let fetched = u64::try_from(items.len()).unwrap_or(u64::MAX);
        // A page that is neither empty nor full is the last one: its rows need no second query to be counted.
        let total =
            if fetched < size && (fetched > 0 || offset == 0) { offset + fetched } else { self.count(rows).await? };
        Ok(Page::of(items, total, request.page))
    }

    /// The rows on one side of a place, or the first ones of the list.
    pub(crate) async fn stretch(
        &self,
        request: &ListRequest,
        keys: &[Key],
        from: Option<(&Anchor, &Place)>,
    ) -> Result<Stretch, RepositoryError> {
        let start = from.map(|(anchor, values)| Start { values, inclusive: anchor.inclusive });
        let way = if from.is_some_and(|(anchor, _)| anchor.side == Side::Before) { Way::Back } else { Way::Onwards };
        let listed = self.listed(request);
        let mut rows: Vec<QueryResult> = Vec::new();
        for stretch in keyset::stretches(keys, start, way) {
            let wanted = (request.page.size + 1).saturating_sub(u64::try_from(rows.len()).unwrap_or(u64::MAX));
            if wanted > 0 {
                let of_these = listed.clone().cond_where(stretch.condition).take();
                rows.extend(self.session.query_all(in_order(of_these, stretch.order).limit(wanted)).await?);
            }
        }
        let has_more = cut(&mut rows, request.page.size);
        if way == Way::Back {
            rows.reverse();
        }
        let total = if request.counts() { Some(self.count(listed).await?) } else { None };
        Ok(Stretch { rows, total, has_more, way })
    }

    pub(crate) async fn count(&self, mut rows: SelectStatement) -> Result<u64, RepositoryError> {
        let counted = rows.clear_selects().expr_as(Func::count(Expr::col(Asterisk)), "total");
        let Some(counted) = self.session.query_one(counted).await? else { return Ok(0) };
        let total: i64 = counted.try_get("", "total")?;
        Ok(total.unsigned_abs())
    }
}

impl Stretch {
    /// Where the pages before and after it are; `first` and `last` are the places of its rows.
    pub(crate) fn around(
        &self,
        from: Option<&Anchor>,
        first: Option<Place>,
        last: Option<Place>,
    ) -> (Option<Anchor>, Option<Anchor>) {
        let at = |place: Option<Place>, side| place.map(|keys| Anchor { at: At::Keys(keys), side, inclusive: false });
        // Where nothing is left on this side, the way back begins where this page was looked for.
        let back = |found: Option<Anchor>| from.and_then(|from| found.or_else(|| Some(from.turned())));
        let (prev, next) = (at(first, Side::Before), at(last, Side::After));
        match self.way {
            Way::Onwards => (back(prev), next.filter(|_| self.has_more)),
            Way::Back => (prev.filter(|_| self.has_more), back(next)),
        }
    }
}

/// Cuts what was fetched beyond the size of a page. Whether there was something.
fn cut(rows: &mut Vec<QueryResult>, size: u64) -> bool {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let is_more = rows.len() > size;
    rows.truncate(size);
    is_more
}
