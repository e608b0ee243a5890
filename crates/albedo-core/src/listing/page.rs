//! Pages by number.

/// The page a client asked for, never larger than [`PageRequest::MAX_SIZE`].
///
/// Pages count from 1, since people read them. A page past the end is empty, not an error: a list may shrink while
/// someone turns its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Which page, from 1.
    pub page: u64,
    /// How many rows, from 1.
    pub size: u64,
}

impl PageRequest {
    /// The size of a page when none is asked for.
    pub const DEFAULT_SIZE: u64 = 50;
    /// The largest page.
    pub const MAX_SIZE: u64 = 200;
    /// The largest page number: what a signed 64-bit integer holds, as both databases count.
    pub const MAX_PAGE: u64 = i64::MAX.unsigned_abs();

    /// Rows before this page; `None` where no list can be that long.
    #[must_use]
    pub fn offset(self) -> Option<u64> {
        self.page.checked_sub(1)?.checked_mul(self.size).filter(|offset| *offset <= Self::MAX_PAGE)
    }
}

impl Default for PageRequest {
    fn default() -> Self {
        Self { page: 1, size: Self::DEFAULT_SIZE }
    }
}

/// One page of a list by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Rows on all pages, where they were counted.
    pub total: Option<u64>,
    /// The page asked for.
    pub page: u64,
    /// The size asked for.
    pub size: u64,
    /// How many pages there are, where they were counted; 0 for an empty list.
    pub pages: Option<u64>,
    /// Whether rows come after this page.
    pub has_more: bool,
}

impl<T> Page<T> {
    /// The page that answers `request`, out of `total` rows.
    #[must_use]
    pub fn of(items: Vec<T>, total: u64, request: PageRequest) -> Self {
        let PageRequest { page, size } = request;
        let pages = total.div_ceil(size);
        Self { items, total: Some(total), page, size, pages: Some(pages), has_more: page < pages }
    }

    /// The page that answers `request` where nobody counts.
    #[must_use]
    pub fn uncounted(items: Vec<T>, has_more: bool, request: PageRequest) -> Self {
        Self { items, total: None, page: request.page, size: request.size, pages: None, has_more }
    }

    /// The last page that is known of: of all where they were counted, else this one or its neighbour.
    #[must_use]
    pub fn last_known(&self) -> u64 {
        let here = if self.items.is_empty() { self.page.saturating_sub(1) } else { self.page };
        self.pages.unwrap_or(here.saturating_add(u64::from(self.has_more)))
    }

    /// The same page with these items.
    #[must_use]
    pub fn with<U>(&self, items: Vec<U>) -> Page<U> {
        let Self { total, page, size, pages, has_more, .. } = *self;
        Page { items, total, page, size, pages, has_more }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_never_overflows() {
        assert_eq!(PageRequest { page: 3, size: 20 }.offset(), Some(40));
        assert_eq!(PageRequest { page: PageRequest::MAX_PAGE, size: 200 }.offset(), None);
        assert_eq!(PageRequest { page: PageRequest::MAX_PAGE, size: 1 }.offset(), Some(PageRequest::MAX_PAGE - 1));
    }

    #[test]
    fn a_started_page_counts_as_one() {
        let pages = |total| Page::of(Vec::<u8>::new(), total, PageRequest { page: 1, size: 20 }).pages;
        assert_eq!([0, 1, 20, 21].map(pages), [0, 1, 1, 2].map(Some));
    }

    #[test]
    fn where_nobody_counts_the_last_page_known_is_near() {
        let request = PageRequest { page: 3, size: 1 };
        assert_eq!(Page::uncounted(vec![1], true, request).last_known(), 4);
        assert_eq!(Page::uncounted(vec![1], false, request).last_known(), 3);
        assert_eq!(Page::uncounted(Vec::<u8>::new(), false, request).last_known(), 2);
        assert_eq!(Page::of(vec![1], 9, request).last_known(), 9);
    }
}
