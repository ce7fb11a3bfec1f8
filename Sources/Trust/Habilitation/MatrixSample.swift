internal import ConfigurationFile
internal import Primitives

/// A decision that whoever wrote a matrix expects of it.
struct MatrixSample: Sendable {
    private let key: String
    private let facts: Facts
    private let granted: [Scope]
    private let denied: [Scope]

    init(_ name: String, _ reader: inout ValueReader) {
        key = "samples.\(name)"
        var facts = Facts(mode: .card)
        for fact in Fact.allCases {
            let member = "\(key).given.\(fact.rawValue)"
            guard let values = reader.list(member, of: fact.form, { fact.isValue($0) ? $0 : nil }) else { continue }
            if !reader.hasProblem(under: member), !facts.set(fact, values) {
                let form = fact.form
                reader.refuse(
                    member, Text("doit être une seule valeur parmi : \(form.french)", "must be one value of: \(form.english)"))
            }
        }
        self.facts = facts
        granted = reader.list("\(key).grant", of: Text("des droits", "scopes")) { Scope($0) } ?? []
        denied = reader.list("\(key).deny", of: Text("des droits", "scopes")) { Scope($0) } ?? []
        if granted.isEmpty, denied.isEmpty, !reader.hasProblem(under: "\(key).grant"), !reader.hasProblem(under: "\(key).deny") {
            reader.refuse(key, Text("doit attendre quelque chose : grant ou deny", "must expect something: grant or deny"))
        }
    }

    /// Reports each expectation that the matrix does not meet, with the rules that decided.
    func check(_ matrix: HabilitationMatrix, _ reader: inout ValueReader) {
        let rights = matrix.rights(for: facts)
        for (expected, scopes, member) in [(true, granted, "grant"), (false, denied, "deny")] {
            for scope in scopes {
                let (isGranted, rules) = rights.verdict(on: scope)
                guard isGranted != expected else { continue }
                let names = rules.map(\.rawValue).joined(separator: ", ")
                let text =
                    isGranted
                    ? Text("\(scope) est accordé par \(names)", "\(scope) is granted by \(names)")
                    : Text("\(scope) est refusé par \(names)", "\(scope) is denied by \(names)")
                reader.refuse("\(key).\(member)", text)
            }
        }
    }
}
