internal import Audit
internal import Hummingbird
internal import Primitives
internal import Sessions
internal import Workstation

/// Turns away a user's requests above their budget, before anything of them is looked at.
struct BudgetMiddleware: RouterMiddleware {
    let api: LocalAPI

    func handle(
        _ request: Request, context: CallContext, next: @concurrent (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        api.attention.call()
        try await api.spend(.request, .agentRefused, try context.caller())
        return try await next(request, context)
    }
}

extension LocalAPI {
    /// Takes one of a kind from the caller's budget.
    ///
    /// - Parameter event: what a refusal is traced as; all of a minute are one trace.
    func spend(_ kind: CallerBudgets.Kind, _ event: TraceEvent, _ caller: Caller) async throws(Refusal) {
        do throws(Refusal) {
            try budgets.take(kind, for: caller.uid)
        } catch {
            throw try await traced(error, event, caller)
        }
    }

    /// The caller of a request about a card, a PIN or a password, once its budget allows it and it sits where the reader stands.
    func seated(_ kind: CallerBudgets.Kind, _ event: TraceEvent, _ context: CallContext) async throws(Refusal) -> Caller {
        let caller = try context.caller()
        try await spend(kind, event, caller)
        return try await atSeat(event, context)
    }

    /// The caller, once it sits where the reader stands.
    @discardableResult
    func atSeat(_ event: TraceEvent, _ context: CallContext) async throws(Refusal) -> Caller {
        let caller = try context.caller()
        do throws(Refusal) {
            try await seat?.check(uid: caller.uid, units: context.units)
        } catch {
            throw try await traced(error, event, caller)
        }
        return caller
    }

    /// A refusal of this room, once it is traced.
    func traced(_ refusal: Refusal, _ event: TraceEvent, _ caller: Caller) async throws(Refusal) -> Refusal {
        var draft = TraceDraft(event, .refused, at: time.now())
        draft.client = caller.json
        draft.code = refusal.code.rawValue
        if !refusal.members.isEmpty { draft.detail = .object(refusal.members) }
        try await registry.refusals.write(draft)
        return refusal
    }
}
