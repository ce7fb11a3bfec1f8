internal import Hummingbird
internal import LoginFlow
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addTrustRoutes(to group: RouterGroup<CallContext>) {
        group.get("trust") { _, context in
            _ = try context.caller()
            return Answer.json(await trust.json)
        }
        // Looks for new revocation lists at once instead of at the next minute.
        group.post("trust/updates") { request, context in
            let caller = try context.caller()
            guard caller.uid == 0 || caller.uid == facts.uid else { throw Refusal(.forbidden) }
            return Answer.json(await trust.update(in: Language(acceptLanguage: request.headers[.acceptLanguage])))
        }
    }
}
