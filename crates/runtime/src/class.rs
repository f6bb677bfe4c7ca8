//! Classes: the built-in ones and the program's, with their method resolution order (`Objects/typeobject.c`).

use std::cell::Cell;

use crate::instance::{Instance, Own};
use crate::lookup::{Special, Specials};
use crate::shape::Shape;
use crate::{BailKind, Cx, Dict, Result, Str, Type, Value, dict_new, str_new};

/// No instance has room for more attributes from its beginning (`SHARED_KEYS_MAX_SIZE` of `Objects/dictobject.c`).
pub(crate) const WIDEST: usize = 30;

/// A class; copies share it.
#[derive(Copy, Clone)]
pub struct Class<'a>(pub(crate) &'a ClassObj<'a>);

pub(crate) struct ClassObj<'a> {
    pub(crate) name: Str<'a>,
    pub(crate) qualname: Str<'a>,
    bases: &'a [Class<'a>],
    mro: Cell<&'a [Class<'a>]>,
    pub(crate) dict: Dict<'a>,
    builtin: Option<Type>,
    /// The nearest built-in class, which decides what instances hold.
    layout: Type,
    pub(crate) form: Cell<Form<'a>>,
    /// Classes that are its subclasses by registration, with it or a subclass of it.
    registered: Cell<&'a [Class<'a>]>,
    /// Whether it has a `__subclasshook__`.
    hooked: Cell<bool>,
    specials: Cell<Option<&'a Specials<'a>>>,
    width: Cell<usize>,
    pub(crate) shape: Cell<Option<&'a Shape<'a>>>,
}

/// What a class is beyond its statement.
#[derive(Copy, Clone)]
pub enum Form<'a> {
    /// Nothing.
    Plain,
    /// A named tuple with these fields.
    NamedTuple(&'a [Str<'a>]),
    /// An enumeration; the members in order.
    Enum(&'a [(Str<'a>, Value<'a>)]),
    /// A dataclass.
    Dataclass(&'a Dataclass<'a>),
}

/// What `dataclasses.dataclass` generated.
pub struct Dataclass<'a> {
    /// The fields in order.
    pub fields: &'a [Field<'a>],
    /// `frozen=`
    pub frozen: bool,
}

/// A field of a dataclass.
#[derive(Copy, Clone)]
pub struct Field<'a> {
    /// Its name.
    pub name: Str<'a>,
    /// Its default.
    pub default: Option<Value<'a>>,
    /// Its default factory.
    pub factory: Option<Value<'a>>,
    /// Whether `__init__` takes it.
    pub init: bool,
    /// Whether `__repr__` shows it.
    pub repr: bool,
    /// Whether comparisons use it.
    pub compare: bool,
}

/// A class of the program; raises as CPython where the bases have no consistent order.
pub fn class_new<'a>(
    cx: &'a Cx<'a>,
    name: Str<'a>,
    qualname: Str<'a>,
    bases: &[Class<'a>],
    dict: Dict<'a>,
    g: u32,
) -> Result<Class<'a>> {
    let object = [cx.class(Type::Object, g)?];
    let bases = if bases.is_empty() { &object } else { bases };
    let bases = cx.alloc_slice(bases.len(), |at| bases[at], g)?;
    // The most derived built-in layout among the bases; two unrelated ones conflict.
    let mut layout = Type::Object;
    for base in bases {
        if crate::abstract_classes::is_abstract(*base)
            || base.builtin().is_some_and(|ty| {
                matches!(
                    ty.module(),
                    "decimal"
                        | "datetime"
                        | "requests.exceptions"
                        | "urllib.error"
                        | "urllib.request"
                        | "http.client"
                        | "httpx"
                )
            })
        {
            // Its methods are Python's own.
            return Err(BailKind::Unsupported.at(g));
        }
        let other = base.0.layout;
        if other.is(layout) {
            layout = other;
        } else if !layout.is(other) {
            return Err(BailKind::Exception.at(g));
        }
    }
    let class = Class(cx.alloc(
        ClassObj {
            name,
            qualname,
            bases,
            mro: Cell::new(&[]),
            dict,
            builtin: None,
            layout,
            form: Cell::new(Form::Plain),
            registered: Cell::new(&[]),
            hooked: Cell::new(false),
            specials: Cell::new(None),
            width: Cell::new(0),
            shape: Cell::new(None),
        },
        g,
    )?);
    let order = linearise(class, bases).ok_or_else(|| BailKind::Exception.at(g))?;
    class.0.mro.set(cx.alloc_slice(order.len(), |at| order[at], g)?);
    // What a base is made of, its subclasses are too.
    for base in bases {
        if let form @ (Form::NamedTuple(_) | Form::Dataclass(_)) = base.0.form.get() {
            class.0.form.set(form);
            if matches!(form, Form::NamedTuple(_)) && crate::named_tuple::is_shadowed(*base, bases, form) {
                return Err(BailKind::Unsupported.at(g));
            }
        }
    }
    Ok(class)
}

/// The class of a built-in type.
pub(crate) fn builtin_class<'a>(cx: &'a Cx<'a>, ty: Type, g: u32) -> Result<Class<'a>> {
    let name = str_new(cx, ty.name(), g)?;
    let mut bases = if ty == Type::Object { Vec::new() } else { vec![cx.class(ty.base(), g)?] };
    if let Some(second) = ty.second_base() {
        bases.push(cx.class(second, g)?);
    }
    let bases = cx.alloc_slice(bases.len(), |at| bases[at], g)?;
    let class = Class(cx.alloc(
        ClassObj {
            name,
            qualname: name,
            bases,
            mro: Cell::new(&[]),
            dict: dict_new(cx, &[], g)?,
            builtin: Some(ty),
            layout: match ty {
                Type::Enum | Type::Abc | Type::Generic => Type::Object,
                Type::IntEnum => Type::Int,
                Type::StrEnum => Type::Str,
                ty => ty,
            },
            form: Cell::new(Form::Plain),
            registered: Cell::new(&[]),
            hooked: Cell::new(false),
            specials: Cell::new(None),
            width: Cell::new(0),
            shape: Cell::new(None),
        },
        g,
    )?);
    let mut order = linearise(class, bases).ok_or_else(|| BailKind::Unsupported.at(g))?;
    if matches!(ty, Type::IntEnum | Type::StrEnum) {
        order.insert(order.len() - 1, cx.class(Type::Enum, g)?);
    }
    class.0.mro.set(cx.alloc_slice(order.len(), |at| order[at], g)?);
    Ok(class)
}

/// The C3 linearisation (`mro_implementation`).
fn linearise<'a>(class: Class<'a>, bases: &[Class<'a>]) -> Option<Vec<Class<'a>>> {
    let mut lists: Vec<Vec<Class<'a>>> = bases.iter().map(|base| base.mro().to_vec()).collect();
    lists.push(bases.to_vec());
    let mut order = vec![class];
    loop {
        lists.retain(|list| !list.is_empty());
        if lists.is_empty() {
            return Some(order);
        }
        let next = lists
            .iter()
            .map(|list| list[0])
            .find(|head| !lists.iter().any(|list| list[1..].iter().any(|other| other.same(*head))))?;
        order.push(next);
        for list in &mut lists {
            if list[0].same(next) {
                list.remove(0);
            }
        }
    }
}

impl<'a> Class<'a> {
    /// `__name__`
    #[must_use]
    pub fn name(self) -> Str<'a> {
        self.0.name
    }

    /// The name that `repr` of its instances and exceptions' messages show.
    #[must_use]
    pub fn qualname(self) -> Str<'a> {
        self.0.qualname
    }

    /// `__bases__`
    #[must_use]
    pub fn bases(self) -> &'a [Class<'a>] {
        self.0.bases
    }

    /// `__mro__`
    #[must_use]
    pub fn mro(self) -> &'a [Class<'a>] {
        self.0.mro.get()
    }

    /// `__dict__`, empty for a built-in class.
    #[must_use]
    pub fn dict(self) -> Dict<'a> {
        self.0.dict
    }

    /// The built-in type that it is.
    #[must_use]
    pub fn builtin(self) -> Option<Type> {
        self.0.builtin
    }

    /// The nearest built-in type that it is or inherits from.
    #[must_use]
    pub fn layout(self) -> Type {
        self.0.layout
    }

    /// Whether an instance is its attributes and nothing else.
    pub(crate) fn has_plain_instances(self) -> bool {
        self.0.layout == Type::Object && matches!(self.form(), Form::Plain | Form::Dataclass(_))
    }

    /// What it is beyond its statement.
    #[must_use]
    pub fn form(self) -> Form<'a> {
        self.0.form.get()
    }

    /// Says what it is beyond its statement.
    pub fn set_form(self, form: Form<'a>) {
        self.0.form.set(form);
    }

    /// Classes that are its subclasses by registration.
    pub(crate) fn registered(self) -> &'a [Class<'a>] {
        self.0.registered.get()
    }

    /// Whether it decides by itself what its subclasses are.
    pub(crate) fn is_hooked(self) -> bool {
        self.0.hooked.get()
    }

    /// Says that it does.
    pub fn set_hooked(self) {
        self.0.hooked.set(true);
    }

    /// Says which these are.
    pub fn set_registered(self, classes: &'a [Class<'a>]) {
        self.0.registered.set(classes);
    }

    /// Whether both are the same class.
    #[inline]
    #[must_use]
    pub fn same(self, other: Class<'a>) -> bool {
        std::ptr::eq(self.0, other.0)
    }

    /// Whether `other` is among what it inherits from.
    #[must_use]
    pub fn is(self, other: Class<'a>) -> bool {
        self.mro().iter().any(|class| class.same(other))
    }

    /// The attribute `name` of the class or of those that it inherits from, as it stands in their dicts.
    #[must_use]
    pub fn lookup(self, cx: &'a Cx<'a>, name: Str<'a>) -> Option<Value<'a>> {
        cx.lookups().attribute(cx, self, name, || self.find(cx, name))
    }

    /// The same, and where an instance has an attribute of that name itself.
    #[inline]
    pub(crate) fn lookup_with(
        self,
        cx: &'a Cx<'a>,
        instance: Instance<'a>,
        name: Str<'a>,
    ) -> (Option<Value<'a>>, Option<Own<'a>>) {
        if let Some(at) = instance.field(name) {
            return (self.lookup(cx, name), Some(Own::Field(instance, at)));
        }
        let Some(dict) = instance.dict_if_made() else { return (self.lookup(cx, name), None) };
        let (found, slot) = cx.lookups().of_instance(cx, (self, dict), name, || self.find(cx, name));
        (found, slot.map(|slot| Own::Slot(dict, slot)))
    }

    fn find(self, cx: &'a Cx<'a>, name: Str<'a>) -> Option<Value<'a>> {
        self.mro().iter().find_map(|class| class.0.dict.get_str(cx, name))
    }

    /// [`Class::lookup`] of what the runtime itself asks for.
    #[inline]
    pub(crate) fn special(self, cx: &'a Cx<'a>, special: Special, g: u32) -> Result<Option<Value<'a>>> {
        let place = match self.0.specials.get() {
            Some(specials) => specials.place(cx, special),
            None => {
                let made: &Specials<'a> = cx.alloc(Specials::new(), g)?;
                self.0.specials.set(Some(made));
                made.place(cx, special)
            }
        };
        match place.get() {
            Some(found) => Ok(found),
            None => {
                let found = self.find(cx, cx.name(special.name(), g)?);
                place.set(Some(found));
                Ok(found)
            }
        }
    }

    /// How many attributes instances were seen to have, which the next one has room for at once.
    pub(crate) fn width(self) -> usize {
        self.0.width.get()
    }

    /// An instance has so many attributes; one that has more than most says nothing of the others.
    pub(crate) fn widen(self, count: usize) {
        if (self.width() + 1..=WIDEST).contains(&count) {
            self.0.width.set(count);
        }
    }

    /// Its address, which tells it from others.
    pub(crate) fn address(self) -> usize {
        std::ptr::from_ref(self.0).addr()
    }

    /// The same, behind `class` in the order (`super`).
    pub(crate) fn lookup_behind(self, cx: &'a Cx<'a>, class: Class<'a>, name: Str<'a>) -> Option<Value<'a>> {
        let behind = self.mro().iter().skip_while(|known| !known.same(class)).skip(1);
        behind.into_iter().find_map(|class| class.0.dict.get_str(cx, name))
    }
}

/// `type(v)`
pub fn class_of<'a>(cx: &'a Cx<'a>, v: Value<'a>, g: u32) -> Result<Class<'a>> {
    match v {
        Value::Instance(instance) => Ok(instance.class()),
        _ => match type_of(v) {
            // Its real class is not known here.
            Type::LibraryObject => Err(BailKind::Unsupported.at(g)),
            ty => cx.class(ty, g),
        },
    }
}

/// The built-in type of a value; of an instance, what its class is laid out as.
#[must_use]
pub fn type_of(v: Value<'_>) -> Type {
    match v {
        Value::None => Type::NoneType,
        Value::NotImplemented => Type::NotImplementedType,
        Value::Ellipsis => Type::EllipsisType,
        Value::Bool(_) => Type::Bool,
        Value::Int(_) | Value::Big(_) => Type::Int,
        Value::Float(_) => Type::Float,
        Value::Str(_) => Type::Str,
        Value::Bytes(_) => Type::Bytes,
        Value::List(_) => Type::List,
        Value::Tuple(_) => Type::Tuple,
        Value::Dict(dict) => dict.kind(),
        Value::Set(set) => {
            if set.is_frozen() {
                Type::FrozenSet
            } else {
                Type::Set
            }
        }
        Value::Range(_) => Type::Range,
        Value::Class(_) => Type::Type,
        Value::Function(_) => Type::Function,
        Value::Builtin(_) => Type::BuiltinFunction,
        Value::Method(method) => match method.function {
            crate::MethodFunction::Function(_) => Type::Method,
            _ => Type::BuiltinFunction,
        },
        Value::Instance(instance) => instance.class().layout(),
        Value::Object(object) => object.get().kind(),
    }
}

/// What error messages call the type of a value.
#[must_use]
pub fn type_name(v: Value<'_>) -> &str {
    match v {
        Value::Instance(instance) => instance.class().name().text(),
        _ => type_of(v).message_name(),
    }
}
