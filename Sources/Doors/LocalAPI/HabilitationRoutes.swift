internal import Habilitation
internal import Hummingbird
internal import Identity
internal import Primitives
internal import Sessions

extension LocalAPI {
    func addHabilitationRoutes(to group: RouterGroup<CallContext>) {
        group.get("habilitation") { request, context in
            _ = try context.caller()
            return Answer.json(await habilitation.json(in: Language(acceptLanguage: request.headers[.acceptLanguage])))
        }
        // Why somebody has the rights they have: in a session, or with facts as the request gives them.
        group.post("habilitation/explanations") { request, context in
            let caller = try context.caller()
            var fields = try await RequestFields(request)
            let scopes = try fields.strings("scopes").map { text throws(Refusal) in
                guard let scope = Scope(text) else { throw RequestFields.invalid("scopes holds what is no scope") }
                return scope
            }
            let facts: Habilitation.Facts
            if let id = try fields.string("session") {
                let client = try fields.string("client") ?? caller.client.name
                facts = registry.facts(of: try await registry.visible(id, to: caller), client: client)
            } else {
                facts = try Self.facts(&fields, client: caller.client.name, workstation: self.facts.workstation)
                if let person = facts.person { try await requireKnowing(person, caller) }
            }
            try fields.finish()
            return Answer.json(await habilitation.explanation(of: facts, scopes: scopes))
        }
    }

    private static func facts(_ fields: inout RequestFields, client: String, workstation: String) throws(Refusal) -> Habilitation.Facts {
        var facts = Habilitation.Facts(mode: .card)
        facts.client = client
        facts.workstation = workstation
        for fact in Fact.allCases {
            let values: [String]
            switch fact {
            case .breakGlass, .test: values = try fields.bool(fact.rawValue).map { [String($0)] } ?? []
            case .knowHow, .role: values = try fields.strings(fact.rawValue)
            default: values = try fields.string(fact.rawValue).map { [$0] } ?? []
            }
            guard values.isEmpty || facts.set(fact, values) else {
                throw RequestFields.invalid("\(fact.rawValue) is not one of \(fact.form.english)")
            }
        }
        return facts
    }

    /// Which roles a person has is for themself, administrators and the machine's own to know.
    private func requireKnowing(_ person: String, _ caller: Caller) async throws(Refusal) {
        guard caller.uid != 0, caller.uid != facts.uid else { return }
        if await registry.duty(.sessionManage, of: caller) != nil { return }
        let own = await registry.sessions(for: caller).contains { $0.holder.nationalID.text == person }
        guard own else { throw Refusal(.forbidden) }
    }
}
