//! The proleptic Gregorian calendar (`Modules/_datetimemodule.c`, `Lib/datetime.py`).

/// The first ordinal behind 9999-12-31.
pub(super) const END: i64 = 3_652_060;

/// The ordinal of 1970-01-01.
pub(super) const EPOCH: i64 = 719_163;

/// A day of the years 1 to 9999.
#[derive(Copy, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day {
    pub(super) year: i32,
    pub(super) month: u8,
    pub(super) day: u8,
}

pub(super) fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(super) fn days_in_month(year: i32, month: u8) -> u8 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_before_year(year: i32) -> i64 {
    let before = i64::from(year) - 1;
    before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400)
}

/// The ordinal of the Monday that starts ISO week 1 of a year.
pub(super) fn iso_week1_monday(year: i32) -> i64 {
    let first = days_before_year(year) + 1;
    let weekday = (first + 6).rem_euclid(7);
    let monday = first - weekday;
    if weekday > 3 { monday + 7 } else { monday }
}

impl Day {
    /// The day, or what CPython says is wrong with it.
    pub(super) fn new(year: i64, month: i64, day: i64) -> Result<Self, String> {
        if !(1..=9999).contains(&year) {
            return Err(format!("year {year} is out of range"));
        }
        if !(1..=12).contains(&month) {
            return Err("month must be in 1..12".to_owned());
        }
        let (year, month) = (year as i32, month as u8);
        if day < 1 || day > i64::from(days_in_month(year, month)) {
            return Err("day is out of range for month".to_owned());
        }
        Ok(Self { year, month, day: day as u8 })
    }

    /// Days since 0000-12-31.
    pub(super) fn ordinal(self) -> i64 {
        days_before_year(self.year) + i64::from(self.day_of_year())
    }

    /// The day of that ordinal, if it is within the years 1 to 9999.
    pub(super) fn of_ordinal(ordinal: i64) -> Option<Self> {
        if !(1..END).contains(&ordinal) {
            return None;
        }
        // An estimate that is never early.
        let mut year = (ordinal * 400 / 146_097) as i32 + 2;
        while days_before_year(year) >= ordinal {
            year -= 1;
        }
        let mut rest = ordinal - days_before_year(year);
        let mut month = 1;
        while rest > i64::from(days_in_month(year, month)) {
            rest -= i64::from(days_in_month(year, month));
            month += 1;
        }
        Some(Self { year, month, day: rest as u8 })
    }

    /// From 1 for the first of January.
    pub(super) fn day_of_year(self) -> i32 {
        (1..self.month).map(|month| i32::from(days_in_month(self.year, month))).sum::<i32>() + i32::from(self.day)
    }

    /// From 0 for Monday.
    pub(super) fn weekday(self) -> i64 {
        (self.ordinal() + 6) % 7
    }

    /// The ISO year, the week in it, and the day in that from 1.
    pub(super) fn iso(self) -> (i32, i64, i64) {
        let today = self.ordinal();
        let mut year = self.year;
        let mut week = (today - iso_week1_monday(year)).div_euclid(7);
        if week < 0 {
            year -= 1;
            week = (today - iso_week1_monday(year)).div_euclid(7);
        } else if week >= 52 && today >= iso_week1_monday(year + 1) {
            year += 1;
            week = 0;
        }
        (year, week + 1, self.weekday() + 1)
    }

    /// The day of an ISO year, week and day, or what CPython says is wrong (`date.fromisocalendar`); none where it is beyond the year 9999.
    pub(super) fn of_iso(year: i64, week: i64, day: i64) -> Result<Option<Self>, String> {
        if !(1..=9999).contains(&year) {
            return Err(format!("Year is out of range: {year}"));
        }
        let first = (days_before_year(year as i32) + 7).rem_euclid(7);
        let long = first == 3 || first == 2 && is_leap(year as i32);
        if week < 1 || week > if long { 53 } else { 52 } {
            return Err(format!("Invalid week: {week}"));
        }
        if !(1..=7).contains(&day) {
            return Err(format!("Invalid day: {day} (range is [1, 7])"));
        }
        Ok(Self::of_ordinal(iso_week1_monday(year as i32) + (week - 1) * 7 + day - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::{Day, END};

    #[test]
    fn every_day_has_its_ordinal() {
        let mut before = None;
        for ordinal in 1..END {
            let day = Day::of_ordinal(ordinal).unwrap();
            assert_eq!(day.ordinal(), ordinal);
            assert!(before < Some(day));
            before = Some(day);
            let (year, week, weekday) = day.iso();
            if (1..=9999).contains(&year) {
                assert_eq!(Day::of_iso(i64::from(year), week, weekday), Ok(Some(day)));
            }
        }
        assert_eq!(before, Some(Day { year: 9999, month: 12, day: 31 }));
        assert_eq!(Day::of_ordinal(0), None);
        assert_eq!(Day::of_ordinal(END), None);
    }
}
