//! A library of steps and workflows that knows the runtime as `flow`, and hands it on as `renamed::engine`.
//!
//! Nothing here finds a crate `flow_runtime`, so whatever the macros write has to obey `crate = ..`.

pub use flow as engine;

/// The steps, in a module of their own.
pub mod steps {
    use flow::{Provide, StepContext, StepError, step, suspend};

    /// What things cost.
    #[derive(Clone, Debug)]
    pub struct Prices {
        /// For a letter.
        pub cents_per_letter: u32,
    }

    /// Everything the steps need.
    #[derive(Debug, Provide)]
    #[provide(crate = ::flow)]
    pub struct Shop {
        /// What things cost.
        pub prices: Prices,
    }

    /// What an order costs.
    ///
    /// # Errors
    /// When nothing is ordered.
    #[step(crate = ::flow, retries = 2, backoff = "1ms", retry_if = StepError::is_timeout, cache = "1h", limit = "prices: 2, 1000/s")]
    pub async fn price(order: &str, #[resource] prices: &Prices, #[context] cx: &StepContext) -> Result<u32, StepError> {
        if order.is_empty() {
            return Err(StepError::terminal(format!("nothing is ordered at {}", cx.path())));
        }
        Ok(order.len() as u32 * prices.cents_per_letter)
    }

    /// The same on a thread that may block.
    ///
    /// # Errors
    /// Never.
    #[step(crate = crate::engine, blocking)]
    pub fn wrap(order: &str) -> Result<String, std::convert::Infallible> {
        Ok(format!("[{order}]"))
    }

    /// Somebody says whether that is worth it.
    #[suspend(crate = crate::engine, resume = bool)]
    pub fn approval(cents: u32) -> String {
        format!("Shall we pay {cents}?")
    }
}

use flow::workflow;
use steps::{approval, price};

workflow! {
    /// Finds the price of an order and has it approved.
    #[workflow(crate = ::flow, id = "shop_purchase")]
    pub Purchase<String -> String>(order) {
        let (cents, wrapped) = try_join!(price(&order), steps::wrap(&order))?;
        let mut approved = approval(cents).await?;
        while !approved && cents < 100 {
            approved = #[at(second_look)] approval(cents).await?;
        }
        Ok(if approved { format!("{wrapped} for {cents}") } else { "nothing".to_owned() })
    }
}

workflow! {
    /// What many orders cost, and what they look like.
    #[workflow(crate = ::flow)]
    pub Many<Vec<String> -> String>(orders) {
        let mut cents: u32 = 0;
        for order in &orders {
            cents += price(order).await?;
        }
        let wrapped = try_join_all!(&orders, |order| steps::wrap(order), limit = 2)?;
        Ok(format!("{} for {cents}", wrapped.concat()))
    }
}

/// Makes a workflow where the caller knows the runtime under no name at all.
#[macro_export]
macro_rules! purchase_twice {
    ($name:ident) => {
        $crate::engine::workflow! {
            #[workflow(crate = $crate::engine)]
            pub(crate) $name<String -> String>(order) {
                let one = $crate::Purchase(order.clone()).await?;
                let two = #[at(again)] $crate::Purchase(order).await?;
                Ok(format!("{one}, {two}"))
            }
        }
    };
}
