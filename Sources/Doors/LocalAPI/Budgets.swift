internal import Audit
internal import Hummingbird
internal import Primitives
internal import Sessions

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
