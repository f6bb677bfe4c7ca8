//! The built-in types: their names and what they inherit from.

macro_rules! types {
    ($($variant:ident $module:literal $name:literal < $base:ident;)+) => {
        /// A built-in or library class.
        #[derive(Copy, Clone, Debug, PartialEq, Eq, Hash)]
        #[repr(u16)]
        #[allow(missing_docs)]
        pub enum Type { $($variant),+ }

        impl Type {
            /// Every type, in the order of their numbers.
            pub(crate) const ALL: &'static [Type] = &[$(Type::$variant),+];

            /// `__name__`
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Type::$variant => $name),+ }
            }

            /// `__module__`
            #[must_use]
            pub const fn module(self) -> &'static str {
                match self { $(Type::$variant => $module),+ }
            }

            /// The base class; `object` names itself.
            #[must_use]
            pub const fn base(self) -> Type {
                match self { $(Type::$variant => Type::$base),+ }
            }
        }
    };
}

types! {
    Object "builtins" "object" < Object;
    Type "builtins" "type" < Object;
    NoneType "builtins" "NoneType" < Object;
    NotImplementedType "builtins" "NotImplementedType" < Object;
    EllipsisType "builtins" "ellipsis" < Object;
    Int "builtins" "int" < Object;
    Bool "builtins" "bool" < Int;
    Float "builtins" "float" < Object;
    Complex "builtins" "complex" < Object;
    Str "builtins" "str" < Object;
    Bytes "builtins" "bytes" < Object;
    ByteArray "builtins" "bytearray" < Object;
    MemoryView "builtins" "memoryview" < Object;
    List "builtins" "list" < Object;
    Tuple "builtins" "tuple" < Object;
    Dict "builtins" "dict" < Object;
    Set "builtins" "set" < Object;
    FrozenSet "builtins" "frozenset" < Object;
    Range "builtins" "range" < Object;
    Slice "builtins" "slice" < Object;
    Function "builtins" "function" < Object;
    BuiltinFunction "builtins" "builtin_function_or_method" < Object;
    Method "builtins" "method" < Object;
    Module "builtins" "module" < Object;
    Generator "builtins" "generator" < Object;
    Property "builtins" "property" < Object;
    StaticMethod "builtins" "staticmethod" < Object;
    ClassMethod "builtins" "classmethod" < Object;
    Super "builtins" "super" < Object;
    Enumerate "builtins" "enumerate" < Object;
    Zip "builtins" "zip" < Object;
    Map "builtins" "map" < Object;
    Filter "builtins" "filter" < Object;
    Reversed "builtins" "reversed" < Object;
    ListIterator "builtins" "list_iterator" < Object;
    TupleIterator "builtins" "tuple_iterator" < Object;
    StrIterator "builtins" "str_iterator" < Object;
    RangeIterator "builtins" "range_iterator" < Object;
    DictKeyIterator "builtins" "dict_keyiterator" < Object;
    SetIterator "builtins" "set_iterator" < Object;
    CallableIterator "builtins" "callable_iterator" < Object;
    Iterator "builtins" "iterator" < Object;
    DictKeys "builtins" "dict_keys" < Object;
    DictValues "builtins" "dict_values" < Object;
    DictItems "builtins" "dict_items" < Object;
    Partial "functools" "partial" < Object;
    LruCache "functools" "_lru_cache_wrapper" < Object;
    Deque "collections" "deque" < Object;
    DefaultDict "collections" "defaultdict" < Dict;
    Counter "collections" "Counter" < Dict;
    OrderedDict "collections" "OrderedDict" < Dict;
    Enum "enum" "Enum" < Object;
    IntEnum "enum" "IntEnum" < Int;
    StrEnum "enum" "StrEnum" < Str;
    Abc "abc" "ABC" < Object;
    Decimal "decimal" "Decimal" < Object;
    Date "datetime" "date" < Object;
    DateTime "datetime" "datetime" < Date;
    Time "datetime" "time" < Object;
    TimeDelta "datetime" "timedelta" < Object;
    TzInfo "datetime" "tzinfo" < Object;
    TimeZone "datetime" "timezone" < TzInfo;
    AnyHashable "collections.abc" "Hashable" < Object;
    AnyIterable "collections.abc" "Iterable" < Object;
    AnyIterator "collections.abc" "Iterator" < Object;
    AnyGenerator "collections.abc" "Generator" < Object;
    AnyReversible "collections.abc" "Reversible" < Object;
    AnySized "collections.abc" "Sized" < Object;
    AnyContainer "collections.abc" "Container" < Object;
    AnyCallable "collections.abc" "Callable" < Object;
    AnyCollection "collections.abc" "Collection" < Object;
    AnySequence "collections.abc" "Sequence" < Object;
    AnyMutableSequence "collections.abc" "MutableSequence" < Object;
    AnyByteString "collections.abc" "ByteString" < Object;
    AnySet "collections.abc" "Set" < Object;
    AnyMutableSet "collections.abc" "MutableSet" < Object;
    AnyMapping "collections.abc" "Mapping" < Object;
    AnyMutableMapping "collections.abc" "MutableMapping" < Object;
    AnyKeysView "collections.abc" "KeysView" < Object;
    AnyItemsView "collections.abc" "ItemsView" < Object;
    AnyValuesView "collections.abc" "ValuesView" < Object;
    Generic "typing" "Generic" < Object;
    Pattern "re" "Pattern" < Object;
    Match "re" "Match" < Object;
    LibraryObject "builtins" "object" < Object;
    BaseException "builtins" "BaseException" < Object;
    SystemExit "builtins" "SystemExit" < BaseException;
    KeyboardInterrupt "builtins" "KeyboardInterrupt" < BaseException;
    GeneratorExit "builtins" "GeneratorExit" < BaseException;
    Exception "builtins" "Exception" < BaseException;
    StopIteration "builtins" "StopIteration" < Exception;
    StopAsyncIteration "builtins" "StopAsyncIteration" < Exception;
    ArithmeticError "builtins" "ArithmeticError" < Exception;
    FloatingPointError "builtins" "FloatingPointError" < ArithmeticError;
    OverflowError "builtins" "OverflowError" < ArithmeticError;
    ZeroDivisionError "builtins" "ZeroDivisionError" < ArithmeticError;
    AssertionError "builtins" "AssertionError" < Exception;
    AttributeError "builtins" "AttributeError" < Exception;
    BufferError "builtins" "BufferError" < Exception;
    EOFError "builtins" "EOFError" < Exception;
    ImportError "builtins" "ImportError" < Exception;
    ModuleNotFoundError "builtins" "ModuleNotFoundError" < ImportError;
    LookupError "builtins" "LookupError" < Exception;
    IndexError "builtins" "IndexError" < LookupError;
    KeyError "builtins" "KeyError" < LookupError;
    MemoryError "builtins" "MemoryError" < Exception;
    NameError "builtins" "NameError" < Exception;
    UnboundLocalError "builtins" "UnboundLocalError" < NameError;
    OSError "builtins" "OSError" < Exception;
    FileNotFoundError "builtins" "FileNotFoundError" < OSError;
    FileExistsError "builtins" "FileExistsError" < OSError;
    PermissionError "builtins" "PermissionError" < OSError;
    ConnectionError "builtins" "ConnectionError" < OSError;
    TimeoutError "builtins" "TimeoutError" < OSError;
    ReferenceError "builtins" "ReferenceError" < Exception;
    RuntimeError "builtins" "RuntimeError" < Exception;
    NotImplementedError "builtins" "NotImplementedError" < RuntimeError;
    RecursionError "builtins" "RecursionError" < RuntimeError;
    SyntaxError "builtins" "SyntaxError" < Exception;
    SystemError "builtins" "SystemError" < Exception;
    TypeError "builtins" "TypeError" < Exception;
    ValueError "builtins" "ValueError" < Exception;
    UnicodeError "builtins" "UnicodeError" < ValueError;
    UnicodeDecodeError "builtins" "UnicodeDecodeError" < UnicodeError;
    UnicodeEncodeError "builtins" "UnicodeEncodeError" < UnicodeError;
    JSONDecodeError "json.decoder" "JSONDecodeError" < ValueError;
    StatisticsError "statistics" "StatisticsError" < ValueError;
    BinasciiError "binascii" "Error" < ValueError;
    ReError "re" "error" < Exception;
    RequestsError "requests.exceptions" "RequestException" < OSError;
    RequestsHttpError "requests.exceptions" "HTTPError" < RequestsError;
    RequestsConnectionError "requests.exceptions" "ConnectionError" < RequestsError;
    RequestsProxyError "requests.exceptions" "ProxyError" < RequestsConnectionError;
    RequestsSslError "requests.exceptions" "SSLError" < RequestsConnectionError;
    RequestsTimeout "requests.exceptions" "Timeout" < RequestsError;
    RequestsConnectTimeout "requests.exceptions" "ConnectTimeout" < RequestsConnectionError;
    RequestsReadTimeout "requests.exceptions" "ReadTimeout" < RequestsTimeout;
    RequestsUrlRequired "requests.exceptions" "URLRequired" < RequestsError;
    RequestsTooManyRedirects "requests.exceptions" "TooManyRedirects" < RequestsError;
    RequestsMissingSchema "requests.exceptions" "MissingSchema" < RequestsError;
    RequestsInvalidSchema "requests.exceptions" "InvalidSchema" < RequestsError;
    RequestsInvalidUrl "requests.exceptions" "InvalidURL" < RequestsError;
    RequestsInvalidHeader "requests.exceptions" "InvalidHeader" < RequestsError;
    RequestsChunkedEncodingError "requests.exceptions" "ChunkedEncodingError" < RequestsError;
    RequestsContentDecodingError "requests.exceptions" "ContentDecodingError" < RequestsError;
    RequestsRetryError "requests.exceptions" "RetryError" < RequestsError;
    RequestsInvalidJsonError "requests.exceptions" "InvalidJSONError" < RequestsError;
    RequestsJsonDecodeError "requests.exceptions" "JSONDecodeError" < RequestsInvalidJsonError;
    UrllibError "urllib.error" "URLError" < OSError;
    UrllibHttpError "urllib.error" "HTTPError" < UrllibError;
    UrllibRequest "urllib.request" "Request" < Object;
    HttpConnection "http.client" "HTTPConnection" < Object;
    HttpsConnection "http.client" "HTTPSConnection" < Object;
    HttpxHttpError "httpx" "HTTPError" < Exception;
    HttpxStatusError "httpx" "HTTPStatusError" < HttpxHttpError;
    HttpxRequestError "httpx" "RequestError" < HttpxHttpError;
    HttpxTransportError "httpx" "TransportError" < HttpxRequestError;
    HttpxTimeoutException "httpx" "TimeoutException" < HttpxTransportError;
    HttpxConnectTimeout "httpx" "ConnectTimeout" < HttpxTimeoutException;
    HttpxReadTimeout "httpx" "ReadTimeout" < HttpxTimeoutException;
    HttpxWriteTimeout "httpx" "WriteTimeout" < HttpxTimeoutException;
    HttpxPoolTimeout "httpx" "PoolTimeout" < HttpxTimeoutException;
    HttpxNetworkError "httpx" "NetworkError" < HttpxTransportError;
    HttpxConnectError "httpx" "ConnectError" < HttpxNetworkError;
    HttpxReadError "httpx" "ReadError" < HttpxNetworkError;
    HttpxWriteError "httpx" "WriteError" < HttpxNetworkError;
    HttpxCloseError "httpx" "CloseError" < HttpxNetworkError;
    HttpxProtocolError "httpx" "ProtocolError" < HttpxTransportError;
    HttpxLocalProtocolError "httpx" "LocalProtocolError" < HttpxProtocolError;
    HttpxRemoteProtocolError "httpx" "RemoteProtocolError" < HttpxProtocolError;
    HttpxProxyError "httpx" "ProxyError" < HttpxTransportError;
    HttpxUnsupportedProtocol "httpx" "UnsupportedProtocol" < HttpxTransportError;
    HttpxDecodingError "httpx" "DecodingError" < HttpxRequestError;
    HttpxTooManyRedirects "httpx" "TooManyRedirects" < HttpxRequestError;
    HttpxInvalidUrl "httpx" "InvalidURL" < Exception;
    HttpxClient "httpx" "Client" < Object;
    HttpxTimeout "httpx" "Timeout" < Object;
    HttpxUrl "httpx" "URL" < Object;
    RequestsSession "requests.sessions" "Session" < Object;
    RequestsResponse "requests.models" "Response" < Object;
    Warning "builtins" "Warning" < Exception;
    UserWarning "builtins" "UserWarning" < Warning;
    DeprecationWarning "builtins" "DeprecationWarning" < Warning;
    RuntimeWarning "builtins" "RuntimeWarning" < Warning;
}

impl Type {
    /// The type of that name: `int`, `ValueError`, `collections.deque`.
    #[must_use]
    pub fn named(qualified: &str) -> Option<Type> {
        let (module, name) = qualified.rsplit_once('.').unwrap_or(("builtins", qualified));
        // `json` and `requests` have the names of their parts.
        let of_module = |ty: &Type| {
            let part = ty.module().strip_prefix(module).and_then(|rest| rest.strip_prefix('.'));
            ty.module() == module || part.is_some() && matches!(module, "json" | "requests")
        };
        Self::ALL.iter().copied().find(|ty| ty.name() == name && of_module(ty) && *ty != Type::LibraryObject)
    }

    /// What error messages call it (`tp_name`): those of modules written in C, with the module.
    #[must_use]
    pub fn message_name(self) -> &'static str {
        match self {
            Self::Partial => "functools.partial",
            Self::LruCache => "functools._lru_cache_wrapper",
            Self::Deque => "collections.deque",
            Self::DefaultDict => "collections.defaultdict",
            Self::OrderedDict => "collections.OrderedDict",
            Self::Decimal => "decimal.Decimal",
            Self::Date => "datetime.date",
            Self::DateTime => "datetime.datetime",
            Self::Time => "datetime.time",
            Self::TimeDelta => "datetime.timedelta",
            Self::TzInfo => "datetime.tzinfo",
            Self::TimeZone => "datetime.timezone",
            Self::Pattern => "re.Pattern",
            Self::Match => "re.Match",
            _ => self.name(),
        }
    }

    /// The second base class, where there is one.
    #[must_use]
    pub const fn second_base(self) -> Option<Type> {
        match self {
            Type::RequestsConnectTimeout => Some(Type::RequestsTimeout),
            Type::RequestsMissingSchema
            | Type::RequestsInvalidSchema
            | Type::RequestsInvalidUrl
            | Type::RequestsInvalidHeader => Some(Type::ValueError),
            Type::RequestsJsonDecodeError => Some(Type::JSONDecodeError),
            _ => None,
        }
    }

    /// Whether it is `other` or inherits from it.
    #[inline]
    #[must_use]
    pub fn is(self, other: Type) -> bool {
        let other = other as usize;
        ANCESTORS[self as usize][other / 64] & (1 << (other % 64)) != 0
    }
}

/// A bit for every type that a type is or inherits from, by their numbers.
static ANCESTORS: [[u64; Type::ALL.len().div_ceil(64)]; Type::ALL.len()] = {
    let mut table = [[0; Type::ALL.len().div_ceil(64)]; Type::ALL.len()];
    let mut number = 0;
    while number < table.len() {
        table[number] = with_ancestors(table[number], Type::ALL[number]);
        number += 1;
    }
    table
};

const fn with_ancestors<const N: usize>(mut bits: [u64; N], ty: Type) -> [u64; N] {
    bits[ty as usize / 64] |= 1 << (ty as usize % 64);
    if let Some(base) = ty.second_base() {
        bits = with_ancestors(bits, base);
    }
    match ty {
        Type::Object => bits,
        _ => with_ancestors(bits, ty.base()),
    }
}
