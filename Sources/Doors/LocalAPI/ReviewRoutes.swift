internal import Audit
internal import BreakGlass
internal import Hummingbird
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addReviewRoutes(to group: RouterGroup<CallContext>) {
        group.post("break-glass/:id/review") { request, context in
            let caller = try context.caller()
            try await spend(.emergency, .breakGlassRefused, caller)
            var fields = try await RequestFields(request)
            let id = try context.parameter("id")
            let (session, review) = try Self.review(&fields, [id])
            guard let reviewed = try await emergencies.review(review, session: session, by: caller).first else {
                throw Refusal(.breakGlassNotFound)
            }
            return Answer.json(reviewed.json)
        }
        group.post("break-glass/reviews") { request, context in
            let caller = try context.caller()
            try await spend(.emergency, .breakGlassRefused, caller)
            var fields = try await RequestFields(request)
            let ids = try fields.strings("ids")
            let (session, review) = try Self.review(&fields, ids)
            return Answer.json([
                "break_glass": .array(try await emergencies.review(review, session: session, by: caller).map(\.json))
            ])
        }
    }

    private static func review(_ fields: inout RequestFields, _ ids: [String]) throws(Refusal) -> (session: String, ReviewRequest) {
        let session = try needed(try fields.string("session"), "session")
        let comment = try needed(try fields.string("comment"), "comment")
        let text = try needed(try fields.string("outcome"), "outcome")
        try fields.finish()
        guard let outcome = Emergency.Review.Outcome(rawValue: text) else {
            throw RequestFields.invalid("outcome is neither accepted nor questioned")
        }
        return (session, try ReviewRequest(ids, outcome: outcome, comment: comment))
    }
}
