/// Greets somebody, once a person agrees.
#[allow(non_snake_case, private_interfaces, dead_code)]
pub async fn Hello(
    name: String,
) -> ::core::result::Result<String, ::flow_runtime::__private::Error> {
    let greeting = <greet as ::flow_runtime::__private::Judged>::outcome(
        <greet as ::flow_runtime::__private::Judged>::unbound().call(&name),
    )?;
    let agreed = <approval as ::flow_runtime::__private::Judged>::outcome(
        <approval as ::flow_runtime::__private::Judged>::unbound().call(&greeting),
    )?;
    Ok(if agreed { greeting } else { name })
}
/// Greets somebody, once a person agrees.
#[cfg_attr(
    doc,
    doc = ::flow_runtime::__private::drawn!(
        ["start"
        ""
        Start-]["done"
        ""
        Done-]["greet"
        ""
        Step-]["approval"
        ""
        Step-];[0usize
        2usize
        ""][2usize
        3usize
        ""][3usize
        1usize
        ""]
    )
)]
#[allow(dead_code, unreachable_pub, missing_debug_implementations)]
pub enum Hello {}
///The places of `hello`, each with the variables that are alive there.
#[allow(private_interfaces, dead_code, unreachable_pub, clippy::large_enum_variant)]
pub enum HelloState {
    ///Not at a place yet.
    Start {
        ///`name`
        name: String,
    },
    ///At `greet`, which awaits `greet`.
    Greet {
        ///`name`
        name: String,
        ///What the place waits for.
        waits: <greet as ::flow_runtime::__private::Node>::Waits,
    },
    ///At `approval`, which awaits `approval`.
    Approval {
        ///`name`
        name: String,
        ///`greeting`
        greeting: <greet as ::flow_runtime::__private::Node>::Output,
        ///What the place waits for.
        waits: <approval as ::flow_runtime::__private::Node>::Waits,
    },
}
#[allow(
    warnings,
    unused,
    nonstandard_style,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::restriction
)]
const _: () = {
    const __STORABLE: bool = ::flow_runtime::__private::rules::stored::<String>();
    impl ::flow_runtime::__private::State for HelloState {
        fn from_frame(
            __frame: &::flow_runtime::__private::Frame,
        ) -> ::core::result::Result<Self, ::flow_runtime::__private::Error> {
            let __frame = <::flow_runtime::__private::Gate<
                __STORABLE,
            > as ::flow_runtime::__private::Pass<_>>::pass(__frame);
            match __frame.place.as_str() {
                "start" => {
                    ::core::result::Result::Ok(Self::Start {
                        name: __frame.read("name")?,
                    })
                }
                "greet" => {
                    ::core::result::Result::Ok(Self::Greet {
                        name: __frame.read("name")?,
                        waits: __frame
                            .read_waits(
                                <greet as ::flow_runtime::__private::Judged>::here(),
                            )?,
                    })
                }
                "approval" => {
                    ::core::result::Result::Ok(Self::Approval {
                        name: __frame.read("name")?,
                        greeting: __frame.read("greeting")?,
                        waits: __frame
                            .read_waits(
                                <approval as ::flow_runtime::__private::Judged>::here(),
                            )?,
                    })
                }
                __place => {
                    ::flow_runtime::__private::no_such_place(
                        __place,
                        &["start", "greet", "approval"],
                    )
                }
            }
        }
        fn to_frame(
            &self,
        ) -> ::core::result::Result<
            ::flow_runtime::__private::Frame,
            ::flow_runtime::__private::Error,
        > {
            match self {
                Self::Start { name } => {
                    ::core::result::Result::Ok(
                        <::flow_runtime::__private::Gate<
                            __STORABLE,
                        > as ::flow_runtime::__private::Pass<
                            _,
                        >>::pass(::flow_runtime::__private::Frame::at("start"))
                            .with("name", name)?,
                    )
                }
                Self::Greet { name, waits } => {
                    ::core::result::Result::Ok(
                        <::flow_runtime::__private::Gate<
                            __STORABLE,
                        > as ::flow_runtime::__private::Pass<
                            _,
                        >>::pass(::flow_runtime::__private::Frame::at("greet"))
                            .with("name", name)?
                            .waiting(
                                <greet as ::flow_runtime::__private::Judged>::here(),
                                waits,
                            )?,
                    )
                }
                Self::Approval { name, greeting, waits } => {
                    ::core::result::Result::Ok(
                        <::flow_runtime::__private::Gate<
                            __STORABLE,
                        > as ::flow_runtime::__private::Pass<
                            _,
                        >>::pass(::flow_runtime::__private::Frame::at("approval"))
                            .with("name", name)?
                            .with("greeting", greeting)?
                            .waiting(
                                <approval as ::flow_runtime::__private::Judged>::here(),
                                waits,
                            )?,
                    )
                }
            }
        }
    }
    impl ::core::fmt::Debug for HelloState {
        fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            ::flow_runtime::__private::debug_state(self, __f)
        }
    }
    impl ::flow_runtime::__private::serde::Serialize for HelloState {
        fn serialize<__S: ::flow_runtime::__private::serde::Serializer>(
            &self,
            __serializer: __S,
        ) -> ::core::result::Result<
            <__S as ::flow_runtime::__private::serde::Serializer>::Ok,
            <__S as ::flow_runtime::__private::serde::Serializer>::Error,
        > {
            ::flow_runtime::__private::serialize_state(self, __serializer)
        }
    }
    impl<'de> ::flow_runtime::__private::serde::Deserialize<'de> for HelloState {
        fn deserialize<__D: ::flow_runtime::__private::serde::Deserializer<'de>>(
            __deserializer: __D,
        ) -> ::core::result::Result<
            Self,
            <__D as ::flow_runtime::__private::serde::Deserializer<'de>>::Error,
        > {
            ::flow_runtime::__private::deserialize_state(__deserializer)
        }
    }
    #[derive(Default)]
    pub struct __Vars0 {
        pub v_name: ::flow_runtime::__private::Slot<String>,
        pub v_greeting: ::flow_runtime::__private::Slot<
            <greet as ::flow_runtime::__private::Node>::Output,
        >,
    }
    impl ::flow_runtime::__private::Slots for __Vars0 {
        const LAYOUT: &'static ::flow_runtime::__private::Layout = &::flow_runtime::__private::Layout {
            vars: &["name", "greeting"],
            places: &[
                ::flow_runtime::__private::PlaceLayout::new(
                        ::flow_runtime::__private::NodeKind::Start,
                    )
                    .at("start", &[0], &[]),
                <greet as ::flow_runtime::__private::Judged>::PLACE
                    .at("greet", &[0u16], &[]),
                <approval as ::flow_runtime::__private::Judged>::PLACE
                    .at("approval", &[0u16, 1u16], &[]),
            ],
            single: false,
        };
        fn slot(&mut self, __index: u16) -> &mut dyn ::flow_runtime::__private::AnySlot {
            let __vars = <::flow_runtime::__private::Gate<
                __STORABLE,
            > as ::flow_runtime::__private::Pass<_>>::pass(self);
            match __index {
                0u16 => &mut __vars.v_name,
                1u16 => &mut __vars.v_greeting,
                _ => ::core::unreachable!(),
            }
        }
    }
    pub struct __Bound;
    impl __Bound {
        pub fn call(self, name: String) -> String {
            name
        }
    }
    impl ::flow_runtime::__private::Node for Hello {
        type Output = <::flow_runtime::__private::Gate<
            __STORABLE,
        > as ::flow_runtime::__private::Pass<String>>::Through;
        type Waits = ();
        type Kept<__T> = __T;
        type Bound<'c> = __Bound;
        type Call<'c> = String;
        const NESTED: ::core::option::Option<
            &'static ::flow_runtime::__private::Graph,
        > = ::core::option::Option::Some(
            &<Self as ::flow_runtime::__private::Definition>::GRAPH,
        );
        const INFO: ::flow_runtime::__private::NodeInfo = ::flow_runtime::__private::NodeInfo {
            name: "hello",
            kind: ::flow_runtime::__private::NodeKind::Workflow,
            doc: "Greets somebody, once a person agrees.",
            suspends: false || <greet as ::flow_runtime::__private::Node>::INFO.suspends
                || <approval as ::flow_runtime::__private::Node>::INFO.suspends,
        };
        const WAITS: bool = false;
        fn waits(_: Self::Call<'_>) {}
        fn accepts(
            __node: &str,
            __payload: &::flow_runtime::__private::Json,
        ) -> ::core::option::Option<::core::result::Result<(), ::std::string::String>> {
            if let ::core::option::Option::Some(__found) = <greet as ::flow_runtime::__private::Node>::accepts(
                __node,
                __payload,
            ) {
                return ::core::option::Option::Some(__found);
            }
            if let ::core::option::Option::Some(__found) = <approval as ::flow_runtime::__private::Node>::accepts(
                __node,
                __payload,
            ) {
                return ::core::option::Option::Some(__found);
            }
            ::core::option::Option::None
        }
    }
    impl<
        __A: ::core::marker::Send + ::core::marker::Sync,
    > ::flow_runtime::__private::Step<__A> for Hello
    where
        Hello: ::flow_runtime::__private::Workflow<__A>,
    {
        fn bind(_: &__A) -> __Bound {
            __Bound
        }
        fn perform<'c>(
            __cx: &'c ::flow_runtime::__private::Cx<'_, __A>,
            __at: &'c ::flow_runtime::__private::At,
            __input: String,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<
                Self::Output,
                ::flow_runtime::__private::StepError,
            >,
        > + ::core::marker::Send + 'c {
            ::flow_runtime::__private::nested::<__A, Self>(__cx, __at, __input)
        }
    }
    const __ACCEPTED: bool = ::flow_runtime::__private::rules::body(&Hello);
    impl ::flow_runtime::__private::Definition for Hello {
        type Input = <::flow_runtime::__private::Gate<
            __STORABLE,
        > as ::flow_runtime::__private::Pass<String>>::Through;
        type State = HelloState;
        type Vars = __Vars0;
        const GRAPH: ::flow_runtime::__private::Graph = ::flow_runtime::__private::Graph {
            workflow: "hello",
            doc: "Greets somebody, once a person agrees.",
            fingerprint: 13252559865532645037u64,
            nodes: &[
                ::flow_runtime::__private::GraphNode::new(
                        ::flow_runtime::__private::NodeKind::Start,
                        "",
                    )
                    .at("start", ::core::line!()),
                ::flow_runtime::__private::GraphNode::new(
                        ::flow_runtime::__private::NodeKind::Done,
                        "",
                    )
                    .at("done", ::core::line!()),
                <greet as ::flow_runtime::__private::Judged>::DRAWN
                    .at("greet", ::core::line!()),
                <approval as ::flow_runtime::__private::Judged>::DRAWN
                    .at("approval", ::core::line!()),
            ],
            edges: &[
                ::flow_runtime::__private::GraphEdge::new(0usize, 2usize, "", false),
                ::flow_runtime::__private::GraphEdge::new(2usize, 3usize, "", false),
                ::flow_runtime::__private::GraphEdge::new(3usize, 1usize, "", false),
            ],
        };
        fn start(__input: String) -> ::flow_runtime::__private::Machine<__Vars0> {
            let mut __machine = ::flow_runtime::__private::Machine::<__Vars0>::default();
            __machine.vars.v_name.set(__input);
            __machine
        }
    }
    impl<
        __A: ::core::marker::Send + ::core::marker::Sync,
    > ::flow_runtime::__private::Workflow<__A> for Hello
    where
        greet: ::flow_runtime::__private::Step<__A>,
        approval: ::flow_runtime::__private::Step<__A>,
    {
        async fn advance<'m>(
            __m: &'m mut ::flow_runtime::__private::Machine<__Vars0>,
            __cx: &'m ::flow_runtime::__private::Cx<'_, __A>,
        ) -> ::core::result::Result<
            ::flow_runtime::__private::Flow<Self::Output>,
            ::flow_runtime::__private::Error,
        > {
            let (__m, __cx) = <::flow_runtime::__private::Gate<
                __ACCEPTED,
            > as ::flow_runtime::__private::Pass<_>>::pass((__m, __cx));
            let mut __pc = usize::from(__m.place());
            '__flow: loop {
                match __pc {
                    0usize => {
                        return ::core::result::Result::Ok(
                            ::flow_runtime::__private::Flow::At(1u16),
                        );
                    }
                    1usize => {
                        let name = __m.vars.v_name.take();
                        let __ended = if __m.is_answered() {
                            __cx.answered(
                                <greet as ::flow_runtime::__private::Judged>::here(),
                                __m,
                            )
                        } else {
                            let __at = __m.at();
                            let __node = <greet as ::flow_runtime::__private::Judged>::here();
                            let __ended = __cx
                                .perform(__node, &__at, __cx.bind(__node).call(&name))
                                .await;
                            __ended
                        };
                        let __flow_greet_1 = match __ended {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__stop) => {
                                __m.vars.v_name.keep(name);
                                return __stop.flow();
                            }
                        };
                        let greeting = __flow_greet_1;
                        __m.vars.v_name.keep(name);
                        __m.vars.v_greeting.set(greeting);
                        return ::core::result::Result::Ok(
                            ::flow_runtime::__private::Flow::At(2u16),
                        );
                    }
                    2usize => {
                        let greeting = __m.vars.v_greeting.take();
                        let __ended = if __m.is_answered() {
                            __cx.answered(
                                <approval as ::flow_runtime::__private::Judged>::here(),
                                __m,
                            )
                        } else {
                            let __at = __m.at();
                            let __node = <approval as ::flow_runtime::__private::Judged>::here();
                            let __ended = __cx
                                .perform(__node, &__at, __cx.bind(__node).call(&greeting))
                                .await;
                            __ended
                        };
                        let __flow_approval_3 = match __ended {
                            ::core::result::Result::Ok(__value) => __value,
                            ::core::result::Result::Err(__stop) => {
                                __m.vars.v_greeting.keep(greeting);
                                return __stop.flow();
                            }
                        };
                        let agreed = __flow_approval_3;
                        let name = __m.vars.v_name.take();
                        return __cx.done(Ok(if agreed { greeting } else { name }));
                    }
                    _ => ::core::unreachable!(),
                }
            }
        }
    }
};
#[allow(dead_code, unreachable_pub, private_interfaces)]
impl Hello {
    /// Runs the workflow to its end on the caller's own task, without a runtime and without a store.
    ///
    /// A workflow that suspends comes back as `Outcome::Suspended`, with
    /// what it waits for and all it needs to go on.
    pub fn run<'a, __A>(
        app: &'a __A,
        input: String,
    ) -> ::flow_runtime::__private::Running<'a, String>
    where
        Self: ::flow_runtime::__private::Workflow<__A>,
        __A: ::core::marker::Send + ::core::marker::Sync,
    {
        ::flow_runtime::__private::running(
            ::flow_runtime::__private::run::<Self, __A>(app, input),
        )
    }
    /// Goes on from where a run without a runtime was left.
    pub fn go_on<'a, __A>(
        app: &'a __A,
        parked: ::flow_runtime::__private::Parked,
    ) -> ::flow_runtime::__private::Running<'a, String>
    where
        Self: ::flow_runtime::__private::Workflow<__A>,
        __A: ::core::marker::Send + ::core::marker::Sync,
    {
        ::flow_runtime::__private::running(
            ::flow_runtime::__private::go_on::<Self, __A>(app, parked),
        )
    }
}
