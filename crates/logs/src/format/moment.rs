//! A time as a line writes it, and what it means once year, date and zone are known.

use firstfault_model::Assume;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// A time as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// Seconds since 1970 and nanoseconds.
    Instant(i64, u32),
    /// A date and a time of day.
    Civil { year: Option<i16>, month: u8, day: u8, time: TimeOfDay },
    /// A time of day without its date.
    Clock(TimeOfDay),
}

/// A time of day: seconds, nanoseconds, and seconds east of UTC where that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TimeOfDay {
    pub(super) second: u32,
    pub(super) nanos: u32,
    pub(super) offset: Option<i32>,
}

/// A day as a line writes it, checked for a month of 1 to 12 and a day that the month can have.
pub(super) fn civil(year: Option<i16>, month: u32, day: u32, time: TimeOfDay) -> Option<Moment> {
    const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let most = *DAYS.get(usize::try_from(month).ok()?.checked_sub(1)?)?;
    let leap = |y: i16| y % 4 == 0 && (y % 100 != 0 || y % 400 == 0);
    if day == 0 || day > most || (month == 2 && day == 29 && year.is_some_and(|y| !leap(y))) {
        return None;
    }
    Some(Moment::Civil { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()?, time })
}

/// The day of a year, from 1, as month and day.
pub(super) fn of_year_day(year: i16, ordinal: u32, time: TimeOfDay) -> Option<Moment> {
    if ordinal == 0 || ordinal > 366 {
        return None;
    }
    let first = jiff::civil::Date::new(year, 1, 1).ok()?;
    let date = first.checked_add(jiff::Span::new().days(i64::from(ordinal) - 1)).ok()?;
    if date.year() != year {
        return None;
    }
    Some(Moment::Civil { year: Some(year), month: date.month().unsigned_abs(), day: date.day().unsigned_abs(), time })
}

/// Days from 1970-01-01, by counting the years from March on.
fn days(year: i16, month: u8, day: u8) -> i64 {
    let year = i64::from(year) - i64::from(month < 3);
    let month = (i64::from(month) + 9) % 12;
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (month * 153 + 2) / 5 + i64::from(day) - 1 - 719_468
}

/// Gives times their year, date and zone where lines leave them out.
#[derive(Clone, Debug)]
pub(super) struct Assumed {
    zone: Zone,
    /// The year that is being read; grows where the months wrap.
    year: i16,
    /// Whether `year` came from the file's modification, so that nothing can be later than it.
    until: Option<Timestamp>,
    /// Month of the last date without a year.
    month: u8,
    /// The date that a heading gave, for times without one.
    date: Option<(i16, u8, u8)>,
}

#[derive(Clone, Debug)]
enum Zone {
    Fixed(i64),
    /// With the last minute that was asked for and its offset: most lines have the same.
    Rules(TimeZone, i64, i64),
}

/// A file can be written to a day after what its clock says, because of zones.
const DAY: i64 = 86_400;

impl Assumed {
    pub(super) fn new(assume: &Assume, modified: Option<Timestamp>) -> Self {
        let named = assume.timezone.as_deref().and_then(time_zone).unwrap_or(TimeZone::UTC);
        let year = assume.year.or_else(|| modified.map(|t| named.to_datetime(t).year())).unwrap_or(1970);
        let zone = match named.to_fixed_offset() {
            Ok(offset) => Zone::Fixed(i64::from(offset.seconds())),
            Err(_) => Zone::Rules(named, i64::MIN, 0),
        };
        let until = if assume.year.is_some() { None } else { modified };
        Self { zone, year, until, month: 0, date: None }
    }

    /// The last year that the file can tell of, where its modification tells.
    pub(super) fn newest(&self) -> Option<i16> {
        self.until.map(|_| self.year)
    }

    /// The date for times that stand without one.
    pub(super) fn set_date(&mut self, moment: Moment) {
        if let Moment::Civil { year: Some(year), month, day, .. } = moment {
            self.date = Some((year, month, day));
        }
    }

    /// The instant; `None` for a time whose date nobody tells.
    pub(super) fn resolve(&mut self, moment: Moment) -> Option<Timestamp> {
        match moment {
            Moment::Instant(seconds, nanos) => Timestamp::new(seconds, i32::try_from(nanos).ok()?).ok(),
            Moment::Civil { year: Some(year), month, day, time } => self.instant(year, month, day, time),
            Moment::Civil { year: None, month, day, time } => {
                let year = self.year_of(month, day, time);
                self.instant(year, month, day, time)
            }
            Moment::Clock(time) => {
                let (year, month, day) = self.date?;
                self.instant(year, month, day, time)
            }
        }
    }

    /// The year of a date without one: the assumed one, the year before where the file was modified earlier, and
    /// the next one after each turn of the year.
    fn year_of(&mut self, month: u8, day: u8, time: TimeOfDay) -> i16 {
        if self.month == 0 {
            let latest = self.until.map(|t| t.as_second() + DAY);
            if latest.is_some_and(|t| self.instant(self.year, month, day, time).is_some_and(|at| at.as_second() > t)) {
                self.year -= 1;
            }
        } else if self.month > month && self.month - month > 6 {
            self.year += 1;
        } else if month > self.month && month - self.month > 6 {
            // A straggler of the old year.
            return self.year - 1;
        }
        self.month = month;
        self.year
    }

    fn instant(&mut self, year: i16, month: u8, day: u8, time: TimeOfDay) -> Option<Timestamp> {
        let local = days(year, month, day) * DAY + i64::from(time.second);
        let seconds = match (time.offset, &mut self.zone) {
            (Some(offset), _) => local - i64::from(offset),
            (None, Zone::Fixed(offset)) => local - *offset,
            (None, Zone::Rules(zone, minute, offset)) => {
                if *minute != local.div_euclid(60) {
                    let clock = Timestamp::from_second(local).ok()?;
                    let civil: DateTime = TimeZone::UTC.to_datetime(clock);
                    *offset = local - zone.to_timestamp(civil).ok()?.as_second();
                    *minute = local.div_euclid(60);
                }
                local - *offset
            }
        };
        Timestamp::new(seconds, i32::try_from(time.nanos).ok()?).ok()
    }
}

/// A zone by its IANA name, as an offset (`+02:00`), or by an abbreviation in use.
pub(crate) fn time_zone(text: &str) -> Option<TimeZone> {
    if let Some((offset, end)) = super::zone::written(text.as_bytes())
        && end == text.len()
    {
        return Offset::from_seconds(offset).ok().map(TimeZone::fixed);
    }
    TimeZone::get(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(month: u8, day: u8) -> Moment {
        Moment::Civil { year: None, month, day, time: TimeOfDay::default() }
    }

    #[test]
    fn days_are_counted_as_the_calendar_does() {
        for (date, expected) in [((1970, 1, 1), 0), ((2000, 3, 1), 11017), ((1969, 12, 31), -1), ((2024, 2, 29), 19782)]
        {
            assert_eq!(days(date.0, date.1, date.2), expected, "{date:?}");
        }
    }

    #[test]
    fn a_log_over_new_year_has_two_years() {
        let modified = "2026-01-03T00:00:00Z".parse().ok();
        let mut assumed = Assumed::new(&Assume::default(), modified);
        let years: Vec<i16> = [day(12, 30), day(12, 31), day(1, 1), day(12, 31), day(1, 2)]
            .into_iter()
            .map(|m| TimeZone::UTC.to_datetime(assumed.resolve(m).expect("a time")).year())
            .collect();
        assert_eq!(years, [2025, 2025, 2026, 2025, 2026]);
    }

    #[test]
    fn zones_are_applied_where_none_is_written() {
        let assume = |zone: &str| Assume { timezone: Some(zone.to_owned()), year: Some(2026), ..Assume::default() };
        for (zone, expected) in [
            ("Europe/Berlin", "2026-07-01T22:00:00Z"),
            ("+02:00", "2026-07-01T22:00:00Z"),
            ("UTC", "2026-07-02T00:00:00Z"),
        ] {
            let mut assumed = Assumed::new(&assume(zone), None);
            assert_eq!(assumed.resolve(day(7, 2)).expect("a time").to_string(), expected, "{zone}");
        }
    }

    #[test]
    fn days_that_no_month_has_are_no_dates() {
        let time = TimeOfDay::default();
        assert!(civil(Some(2025), 2, 29, time).is_none());
        assert!(civil(Some(2024), 2, 29, time).is_some());
        assert!(civil(None, 13, 1, time).is_none());
        assert!(civil(None, 4, 31, time).is_none());
        assert!(of_year_day(2025, 366, time).is_none());
        assert_eq!(of_year_day(2024, 60, time), civil(Some(2024), 2, 29, time));
    }
}
