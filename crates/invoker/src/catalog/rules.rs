//! Triggers, and the rules that tie actions to them.

use std::sync::Arc;

use upshift_deploy::document::{self, RulePut};
use upshift_deploy::{Batch, Entity, QualifiedName, Rule, Status, Trigger};

use super::{Catalog, Refused};

impl Catalog {
    /// The trigger of that name.
    pub(crate) fn trigger(&self, name: &QualifiedName) -> Result<Arc<Trigger>, Refused> {
        self.triggers.get(&name.to_string()).ok_or_else(|| self.missing(name, Trigger::COLLECTION))
    }

    /// The rules that name this trigger, by key.
    pub(crate) fn rules_of(&self, trigger: &QualifiedName) -> Vec<Arc<Rule>> {
        self.rules.filter(|rule| rule.trigger == *trigger)
    }

    /// The triggers of a namespace, what was changed last first.
    pub(crate) fn list_triggers(&self, namespace: &str) -> Vec<Arc<Trigger>> {
        self.triggers.of_namespace(namespace)
    }

    /// Writes the document `body` under `name`.
    pub(crate) async fn put_trigger(
        &self,
        name: &QualifiedName,
        body: &[u8],
        overwrite: bool,
    ) -> Result<Arc<Trigger>, Refused> {
        let _turn = self.turn.lock().await;
        self.must_not_be_elsewhere(name, Trigger::COLLECTION)?;
        let old = self.triggers.get(&name.to_string());
        if old.is_some() && !overwrite {
            return Err(Refused::Exists);
        }
        let trigger = document::trigger(body, name, old.as_deref(), self.context(&name.namespace))?;
        self.commit(Batch::new().put(&trigger)?).await?;
        self.triggers.keep(trigger.clone());
        Ok(Arc::new(trigger))
    }

    /// Removes a trigger; the rules that name it stay, and are followed no more.
    pub(crate) async fn delete_trigger(&self, name: &QualifiedName) -> Result<Arc<Trigger>, Refused> {
        let _turn = self.turn.lock().await;
        let trigger = self.trigger(name)?;
        let rules = self.rules_of(name);
        let ended: Vec<Rule> = rules.iter().map(|rule| Rule { status: Status::Inactive, ..(**rule).clone() }).collect();
        let batch = ended.iter().try_fold(Batch::new(), |batch, rule| batch.put(rule))?;
        self.commit(batch.delete::<Trigger>(&name.to_string())).await?;
        self.triggers.remove(&name.to_string());
        ended.into_iter().for_each(|rule| self.rules.keep(rule));
        Ok(trigger)
    }

    /// The rule of that name.
    pub(crate) fn rule(&self, name: &QualifiedName) -> Result<Arc<Rule>, Refused> {
        self.rules.get(&name.to_string()).ok_or_else(|| self.missing(name, Rule::COLLECTION))
    }

    /// The rules of a namespace, what was changed last first.
    pub(crate) fn list_rules(&self, namespace: &str) -> Vec<Arc<Rule>> {
        self.rules.of_namespace(namespace)
    }

    /// Writes the document `body` under `name`; the trigger and the action that it names must be there.
    pub(crate) async fn put_rule(
        &self,
        name: &QualifiedName,
        body: &[u8],
        overwrite: bool,
    ) -> Result<Arc<Rule>, Refused> {
        let _turn = self.turn.lock().await;
        let context = self.context(&name.namespace);
        let put = RulePut::read(body, context)?;
        self.check_access(&put, &name.namespace)?;
        self.must_not_be_elsewhere(name, Rule::COLLECTION)?;
        let old = self.rules.get(&name.to_string());
        if old.is_some() && !overwrite {
            return Err(Refused::Exists);
        }
        let rule = document::rule(put, name, old.as_deref(), context)?;
        if self.triggers.get(&rule.trigger.to_string()).is_none() {
            return Err(Refused::Bad(format!("trigger /{} does not exist", rule.trigger.full())));
        }
        if self.resolve(&rule.action, &name.namespace).is_err() {
            return Err(Refused::Bad(format!("action /{} does not exist", rule.action.full())));
        }
        self.commit(Batch::new().put(&rule)?).await?;
        self.rules.keep(rule.clone());
        Ok(Arc::new(rule))
    }

    /// Removes a rule; it is shown as one that is followed no more.
    pub(crate) async fn delete_rule(&self, name: &QualifiedName) -> Result<Rule, Refused> {
        let _turn = self.turn.lock().await;
        let rule = self.rule(name)?;
        self.commit(Batch::new().delete::<Rule>(&name.to_string())).await?;
        self.rules.remove(&name.to_string());
        Ok(Rule { status: Status::Inactive, ..(*rule).clone() })
    }

    /// Whether a rule is followed from now on.
    pub(crate) async fn set_rule_status(&self, name: &QualifiedName, body: &[u8]) -> Result<(), Refused> {
        let _turn = self.turn.lock().await;
        let status = document::status(body)?;
        let rule = self.rule(name)?;
        if rule.status == status {
            return Ok(());
        }
        if self.triggers.get(&rule.trigger.to_string()).is_none() {
            return Err(Refused::Gone("Only rules with existing triggers can be activated"));
        }
        let rule = Rule { status, ..(*rule).clone() };
        self.commit(Batch::new().put(&rule)?).await?;
        self.rules.keep(rule);
        Ok(())
    }

    /// What a rule names is the caller's, or shared with them.
    fn check_access(&self, put: &RulePut, own: &str) -> Result<(), Refused> {
        if let Some(trigger) = put.trigger.as_ref().filter(|trigger| trigger.namespace != own) {
            return Err(Refused::Forbidden(trigger.full()));
        }
        match put.action.as_ref().map(|action| self.resolve(action, own)) {
            Some(Err(Refused::Forbidden(what))) => Err(Refused::Forbidden(what)),
            _ => Ok(()),
        }
    }
}
