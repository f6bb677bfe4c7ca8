//! `datetime` (`Modules/_datetimemodule.c`), but for the machine's zone, which is left to CPython where it is not UTC.

mod calendar;
mod date;
mod delta;
mod iso;
mod moment;
mod record;
mod strftime;
mod strptime;
mod time;
mod zone;

use self::calendar::{Day, END};
use self::delta::Delta;
use self::iso::Parsed;
use self::moment::Moment;
pub(super) use self::record::ZoneOf;
use self::strptime::Read;
use self::time::{Clock, Time};
use self::zone::{InZone, Zone};
use crate::journal::Source;
use crate::{Args, BailKind, Cx, Result, Type, Value, repr};

/// What an object of the module holds.
#[derive(Copy, Clone)]
pub enum Temporal<'a> {
    /// `timedelta`
    Delta(Delta),
    /// `date`
    Date(Day),
    /// `time`
    Time(Time<'a>),
    /// `datetime`
    Moment(Moment<'a>),
    /// `timezone`
    Zone(Zone<'a>),
}

fn temporal<'a>(v: Value<'a>) -> Option<Temporal<'a>> {
    match v {
        Value::Object(object) => object.get().as_temporal(),
        _ => None,
    }
}

fn delta_of(v: Value<'_>) -> Option<Delta> {
    match temporal(v) {
        Some(Temporal::Delta(delta)) => Some(delta),
        _ => None,
    }
}

/// An integer argument within what C's `int` holds.
fn small(v: Value<'_>, g: u32) -> Result<i64> {
    let number = v.index().filter(|number| i32::try_from(*number).is_ok());
    number.ok_or_else(|| BailKind::Exception.at(g))
}

fn overflow<'a>(cx: &'a Cx<'a>, days: i128, g: u32) -> crate::Bail {
    match i32::try_from(days) {
        Ok(_) => cx.raise(Type::OverflowError, &format!("days={days}; must have magnitude <= 999999999"), g),
        Err(_) => BailKind::Exception.at(g),
    }
}

/// Writes `, fold=1, tzinfo=…`, each where it is there.
fn write_fold_and_zone<'a>(
    cx: &'a Cx<'a>,
    out: &mut String,
    fold: bool,
    zone: Option<InZone<'a>>,
    g: u32,
) -> Result<()> {
    if fold {
        out.push_str(", fold=1");
    }
    if let Some(within) = zone {
        out.push_str(", tzinfo=");
        repr::write_repr(cx, out, within.object, g)?;
    }
    Ok(())
}

/// `type(*args)` of a class of the module.
pub(super) fn construct<'a>(cx: &'a Cx<'a>, ty: Type, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    match ty {
        Type::Date => date::construct(cx, args, g),
        Type::DateTime => moment::construct(cx, args, g),
        Type::Time => time::construct(cx, args, g),
        Type::TimeDelta => delta::construct(cx, args, g),
        Type::TimeZone => zone::construct(cx, args, g),
        _ => Err(BailKind::Unsupported.at(g)),
    }
}

/// Whether instances of the class have a method of that name.
pub(crate) fn has_method(ty: Type, name: &str) -> bool {
    let of_zone = matches!(name, "utcoffset" | "tzname" | "dst");
    match ty {
        Type::Date => date::has_method(name) || matches!(name, "isoformat" | "replace"),
        Type::DateTime => {
            date::has_method(name)
                || of_zone
                || matches!(name, "isoformat" | "replace" | "date" | "time" | "timetz")
                || matches!(name, "timestamp" | "astimezone" | "utctimetuple")
        }
        Type::Time => of_zone || matches!(name, "isoformat" | "strftime" | "replace"),
        Type::TimeDelta => name == "total_seconds",
        Type::TimeZone => of_zone,
        _ => false,
    }
}

/// `timezone.utc`
pub(super) fn utc<'a>(cx: &'a Cx<'a>, g: u32) -> Result<Value<'a>> {
    zone::utc(cx, g)
}

/// Whether it is a date, a time, a duration or a zone that its parts make again.
pub(crate) fn is_temporal(v: Value<'_>) -> bool {
    match temporal(v) {
        None => false,
        Some(Temporal::Moment(moment)) => !moment.fold,
        Some(Temporal::Time(time)) => !time.fold,
        Some(_) => true,
    }
}

/// The class of a date, a time, a duration or a zone, and the arguments with which it makes an equal one.
pub(crate) fn parts<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Option<(&'static str, Vec<Value<'a>>)>> {
    let Some(temporal) = temporal(v).filter(|_| is_temporal(v)) else { return Ok(None) };
    let day = |day: Day| ["year", "month", "day"].map(|name| day.attribute(name));
    let clock = |clock: Clock| ["hour", "minute", "second", "microsecond"].map(|name| clock.attr(name));
    let zone = |zone: Option<InZone<'a>>| Some(zone.map_or(Value::None, |within| within.object));
    let (class, parts): (_, Vec<Option<Value<'a>>>) = match temporal {
        Temporal::Date(date) => ("datetime.date", day(date).into()),
        Temporal::Moment(moment) => {
            let parts = day(moment.day).into_iter().chain(clock(moment.clock)).chain([zone(moment.zone)]);
            ("datetime.datetime", parts.collect())
        }
        Temporal::Time(time) => ("datetime.time", clock(time.clock).into_iter().chain([zone(time.zone)]).collect()),
        Temporal::Delta(delta) => {
            let parts: [i64; 3] = [delta.days.into(), delta.seconds.into(), delta.micros.into()];
            ("datetime.timedelta", parts.into_iter().map(|part| Some(Value::Int(part))).collect())
        }
        Temporal::Zone(zone) => {
            let offset = Some(delta::delta_new(cx, zone.offset, g)?);
            ("datetime.timezone", [offset].into_iter().chain(zone.name().map(|name| Some(Value::Str(name)))).collect())
        }
    };
    Ok(parts.into_iter().collect::<Option<Vec<_>>>().map(|parts| (class, parts)))
}

/// `datetime.max`, `timezone.utc` and their like.
pub(crate) fn class_constant<'a>(cx: &'a Cx<'a>, ty: Type, name: &str, g: u32) -> Result<Option<Value<'a>>> {
    let first = Day { year: 1, month: 1, day: 1 };
    let last = Day { year: 9999, month: 12, day: 31 };
    let time = |clock| Time { clock, zone: None, fold: false };
    let moment = |day, clock| Moment { day, clock, zone: None, fold: false };
    let day = Delta { days: 1, ..Delta::ZERO };
    let limit = (23 * 60 + 59) * 60 * 1_000_000;
    Ok(Some(match (ty, name) {
        (Type::Date, "min") => date::date_new(cx, first, g)?,
        (Type::Date, "max") => date::date_new(cx, last, g)?,
        (Type::Date, "resolution") => delta::delta_new(cx, day, g)?,
        (Type::DateTime, "min") => moment::moment_new(cx, moment(first, Clock::default()), g)?,
        (Type::DateTime, "max") => moment::moment_new(cx, moment(last, Clock::LAST), g)?,
        (Type::Time, "min") => time::time_new(cx, time(Clock::default()), g)?,
        (Type::Time, "max") => time::time_new(cx, time(Clock::LAST), g)?,
        (Type::TimeDelta, "min") => delta::delta_new(cx, Delta::LEAST, g)?,
        (Type::TimeDelta, "max") => delta::delta_new(cx, Delta::MOST, g)?,
        (Type::DateTime | Type::Time | Type::TimeDelta, "resolution") => delta::delta_new(cx, Delta::RESOLUTION, g)?,
        (Type::TimeZone, "utc") => zone::utc(cx, g)?,
        (Type::TimeZone, "min" | "max") => {
            let offset = Delta::of_total(if name == "max" { limit } else { -limit });
            zone::of_offset(cx, offset.ok_or_else(|| BailKind::Unsupported.at(g))?, g)?
        }
        _ => return Ok(None),
    }))
}

/// Whether the class has a class method of that name.
pub(crate) fn has_class_method(ty: Type, name: &str) -> bool {
    match ty {
        Type::Date => matches!(name, "fromordinal" | "fromisoformat" | "fromisocalendar" | "today"),
        Type::DateTime => {
            matches!(name, "fromordinal" | "fromisoformat" | "fromisocalendar" | "combine" | "strptime")
                || matches!(name, "fromtimestamp" | "utcfromtimestamp" | "now" | "utcnow" | "today")
        }
        Type::Time => name == "fromisoformat",
        _ => false,
    }
}

/// `type.name(*args)` of such a method.
pub(crate) fn class_method<'a>(cx: &'a Cx<'a>, ty: Type, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let of_day = |day: Day| match ty {
        Type::Date => date::date_new(cx, day, g),
        _ => moment::moment_new(cx, Moment { day, clock: Clock::default(), zone: None, fold: false }, g),
    };
    match name {
        "fromordinal" => match args.positional(g)? {
            [ordinal] => match small(*ordinal, g)? {
                ..1 => Err(cx.raise(Type::ValueError, "ordinal must be >= 1", g)),
                ordinal if ordinal >= END => Err(BailKind::Exception.at(g)),
                ordinal => of_day(date::of_ordinal(cx, ordinal, g)?),
            },
            _ => Err(BailKind::Exception.at(g)),
        },
        "fromisocalendar" => {
            let [Some(year), Some(week), Some(day)] = args.bind(["year", "week", "day"], 3, 3, g)? else {
                return Err(BailKind::Exception.at(g));
            };
            let day = Day::of_iso(small(year, g)?, small(week, g)?, small(day, g)?);
            match day.map_err(|text| cx.raise(Type::ValueError, &text, g))? {
                Some(day) => of_day(day),
                None => Err(BailKind::Exception.at(g)),
            }
        }
        "fromisoformat" => from_iso(cx, ty, args, g),
        "combine" => combine(cx, args, g),
        "strptime" => from_format(cx, args, g),
        "now" | "utcnow" | "today" => now(cx, ty, name, args, g),
        _ => from_timestamp(cx, name, args, g),
    }
}

fn from_iso<'a>(cx: &'a Cx<'a>, ty: Type, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Value::Str(text)] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    let invalid = |cx: &'a Cx<'a>| match repr::repr_text(cx, Value::Str(*text), g) {
        Ok(shown) => cx.raise(Type::ValueError, &format!("Invalid isoformat string: {shown}"), g),
        Err(bail) => bail,
    };
    let raised = |text: String| cx.raise(Type::ValueError, &text, g);
    let unsupported = || BailKind::Unsupported.at(g);
    let zone = |offset: Option<Delta>| match offset {
        None => Ok(None),
        // Out of a zone's range, which CPython tells in its own words.
        Some(offset) if offset.total().abs() >= delta::DAY => Err(BailKind::Exception.at(g)),
        Some(offset) => zone::argument(Some(zone::of_offset(cx, offset, g)?), g),
    };
    let clock = |numbers: [i64; 4]| time::clock_of(cx, numbers, g);
    match ty {
        Type::Date => match iso::parse_date(text.text()) {
            Parsed::Numbers((year, month, day)) => date::date_new(cx, Day::new(year, month, day).map_err(raised)?, g),
            Parsed::Invalid => Err(invalid(cx)),
            Parsed::Unsupported => Err(unsupported()),
        },
        Type::Time => match iso::parse_time(text.text()) {
            Parsed::Numbers((parts, offset)) => {
                let zone = zone(offset)?;
                time::time_new(cx, Time { clock: clock(parts)?, zone, fold: false }, g)
            }
            Parsed::Invalid => Err(invalid(cx)),
            Parsed::Unsupported => Err(unsupported()),
        },
        _ => match iso::parse_datetime(text.text()) {
            Parsed::Numbers(((year, month, day), (parts, offset))) => {
                let zone = zone(offset)?;
                let day = Day::new(year, month, day).map_err(raised)?;
                moment::moment_new(cx, Moment { day, clock: clock(parts)?, zone, fold: false }, g)
            }
            Parsed::Invalid => Err(invalid(cx)),
            Parsed::Unsupported => Err(unsupported()),
        },
    }
}

fn combine<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(date), Some(time), tzinfo] = args.bind(["date", "time", "tzinfo"], 2, 3, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let day = match temporal(date) {
        Some(Temporal::Date(day)) => day,
        Some(Temporal::Moment(moment)) => moment.day,
        _ => return Err(BailKind::Exception.at(g)),
    };
    let Some(Temporal::Time(time)) = temporal(time) else { return Err(BailKind::Exception.at(g)) };
    let zone = if tzinfo.is_some() { zone::argument(tzinfo, g)? } else { time.zone };
    moment::moment_new(cx, Moment { day, clock: time.clock, zone, fold: time.fold }, g)
}

fn from_format<'a>(cx: &'a Cx<'a>, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Value::Str(text), Value::Str(format)] = args.positional(g)? else { return Err(BailKind::Exception.at(g)) };
    cx.burn(text.text().len() * 16, g)?;
    let raised = |text: String| cx.raise(Type::ValueError, &text, g);
    match strptime::parse(text.text(), format.text()) {
        Read::Unsupported => Err(BailKind::Unsupported.at(g)),
        Read::Mismatch => {
            let (text, format) =
                (repr::repr_text(cx, Value::Str(*text), g)?, repr::repr_text(cx, Value::Str(*format), g)?);
            Err(raised(format!("time data {text} does not match format {format}")))
        }
        Read::Remains(at) => Err(raised(format!("unconverted data remains: {}", &text.text()[at..]))),
        Read::Numbers { parts: [year, month, day, hour, minute, second, micros], day_of_year, offset } => {
            let day = match day_of_year {
                None => Day::new(year, month, day).map_err(raised)?,
                Some(number) => {
                    let first = Day::new(year, 1, 1).map_err(raised)?;
                    Day::of_ordinal(first.ordinal() + number - 1).ok_or_else(|| BailKind::Exception.at(g))?
                }
            };
            let clock = time::clock_of(cx, [hour, minute, second, micros], g)?;
            let zone = match offset {
                None => None,
                Some(offset) if offset.total().abs() >= delta::DAY => return Err(BailKind::Exception.at(g)),
                Some(offset) => zone::argument(Some(zone::of_offset(cx, offset, g)?), g)?,
            };
            moment::moment_new(cx, Moment { day, clock, zone, fold: false }, g)
        }
    }
}

/// Seconds to the nearest microsecond, half to the even (`_PyTime_DoubleToDenominator`).
fn micros_of(seconds: f64) -> i128 {
    seconds.trunc() as i128 * 1_000_000 + (seconds.fract() * 1e6).round_ties_even() as i128
}

/// `datetime.now(tz)`, `datetime.utcnow()`, `date.today()`; where the machine's zone counts, only if that is UTC.
fn now<'a>(cx: &'a Cx<'a>, ty: Type, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [tz] = args.bind(["tz"], 0, 1, g)?;
    if name != "now" && tz.is_some() {
        return Err(BailKind::Exception.at(g));
    }
    let zone = zone::argument(tz, g)?;
    if name != "utcnow" && zone.is_none() && !cx.is_utc() {
        return Err(BailKind::Unsupported.at(g));
    }
    let nanos = cx.journal().clock(Source::Time, g)?;
    let micros = match (name, ty) {
        // By way of `time.time()`, whose rounding shows.
        ("today", Type::Date) => crate::library::time::rounded(nanos).floor() as i128 * 1_000_000,
        ("today", _) => micros_of(crate::library::time::rounded(nanos)),
        _ => i128::from(nanos).div_euclid(1000),
    };
    let offset = zone.map_or(0, |within| within.zone.offset.total());
    let made = moment::of_total(cx, moment::EPOCH + micros + offset, zone, g)?;
    match ty {
        Type::Date => date::date_new(cx, made.day, g),
        _ => moment::moment_new(cx, made, g),
    }
}

/// The `time.struct_time` in UTC so many seconds after 1970.
pub(super) fn struct_of_seconds<'a>(cx: &'a Cx<'a>, seconds: i64, zone: ZoneOf, g: u32) -> Result<Value<'a>> {
    let Moment { day, clock, .. } = of_seconds(cx, seconds, g)?;
    date::struct_time(cx, day, clock, 0, zone, g)
}

fn of_seconds<'a>(cx: &'a Cx<'a>, seconds: i64, g: u32) -> Result<Moment<'a>> {
    if seconds.unsigned_abs() >= 1 << 36 {
        return Err(BailKind::Exception.at(g));
    }
    moment::of_total(cx, moment::EPOCH + i128::from(seconds) * 1_000_000, None, g)
}

/// What `time.strftime` and `time.ctime` write of so many seconds after 1970, in UTC.
pub(super) fn format_seconds<'a>(cx: &'a Cx<'a>, seconds: i64, format: &str, g: u32) -> Result<Value<'a>> {
    // Of a `struct_time`, other directives know the zone.
    if format.contains("%z") || format.contains("%Z") || format.contains("%f") {
        return Err(BailKind::Unsupported.at(g));
    }
    let moment = Temporal::Moment(of_seconds(cx, seconds, g)?);
    let mut out = String::new();
    strftime::write(&mut out, &moment, format).ok_or_else(|| BailKind::Unsupported.at(g))?;
    crate::str_new(cx, &out, g).map(Value::Str)
}

/// The seconds after 1970 that a `time.struct_time` says, read as UTC.
pub(super) fn seconds_of<'a>(v: Value<'a>, g: u32) -> Result<i64> {
    let Value::Object(object) = v else { return Err(BailKind::Exception.at(g)) };
    let items = object.get().as_record().ok_or_else(|| BailKind::Exception.at(g))?;
    let number =
        |at: usize| items.items().get(at).and_then(|item| item.index()).ok_or_else(|| BailKind::Exception.at(g));
    if items.items().len() != 9 {
        return Err(BailKind::Exception.at(g));
    }
    let exception = |_| BailKind::Exception.at(g);
    let day = Day::new(number(0)?, number(1)?, number(2)?).map_err(exception)?;
    let clock = Clock::new(number(3)?, number(4)?, number(5)?, 0).map_err(exception)?;
    Ok((day.ordinal() - calendar::EPOCH) * 86_400 + (clock.total() / 1_000_000) as i64)
}

/// `fromtimestamp(timestamp, tz)` with a zone, and `utcfromtimestamp(timestamp)`.
fn from_timestamp<'a>(cx: &'a Cx<'a>, name: &str, args: Args<'_, 'a>, g: u32) -> Result<Value<'a>> {
    let [Some(timestamp), tz] = args.bind(["timestamp", "tz"], 1, 2, g)? else {
        return Err(BailKind::Exception.at(g));
    };
    let zone = zone::argument(tz, g)?;
    if (name == "fromtimestamp") != zone.is_some() {
        // By the zone of the machine, or an error.
        return Err(BailKind::Unsupported.at(g));
    }
    let since = match timestamp {
        Value::Float(seconds) if seconds.get().abs() < 1e12 => micros_of(seconds.get()),
        Value::Float(_) => return Err(BailKind::Exception.at(g)),
        _ => {
            let seconds = timestamp.index().filter(|seconds| seconds.unsigned_abs() < 1 << 40);
            i128::from(seconds.ok_or_else(|| BailKind::Exception.at(g))?) * 1_000_000
        }
    };
    let offset = zone.map_or(0, |within| within.zone.offset.total());
    let days = (moment::EPOCH + since).div_euclid(delta::DAY);
    // What CPython says of years that there are not depends on the C library.
    if !(367..i128::from(END) - 366).contains(&days) {
        return Err(BailKind::Exception.at(g));
    }
    let made = moment::of_total(cx, moment::EPOCH + since + offset, zone, g)?;
    moment::moment_new(cx, made, g)
}
