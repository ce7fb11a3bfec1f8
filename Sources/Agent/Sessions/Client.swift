internal import Habilitation
package import Primitives

/// A program on the socket, as the configuration names it, and what it may do. A person's rights come on top: both must allow.
package struct Client: Hashable, Sendable {
    /// What traces and tokens call it.
    package let name: String
    package let operations: Set<ClientOperation>
    /// Services that it may ask tokens for; `nil` for all.
    package let audiences: Set<String>?
    /// What its tokens may allow; `nil` for all that the person has.
    package let scopes: Set<String>?
    /// Whether it comes from a `clients` section.
    package let isConfigured: Bool

    /// Every program where there is no `clients` section: everything, for its own user.
    package static let anyone = Client(
        name: fallbackName, operations: Set(ClientOperation.allCases).subtracting([.loginFor]), isConfigured: false)

    package static let fallbackName = "default"

    package init(
        name: String, operations: Set<ClientOperation>, audiences: Set<String>? = nil, scopes: Set<String>? = nil,
        isConfigured: Bool = true
    ) {
        self.name = name
        self.operations = operations
        self.audiences = audiences
        self.scopes = scopes
        self.isConfigured = isConfigured
    }
}

extension Client {
    package func check(_ operation: ClientOperation) throws(Refusal) {
        guard operations.contains(operation) else {
            throw Refusal(.operationDenied, ["operation": .string(operation.rawValue), "client": .string(name)])
        }
    }

    /// Whether a token as asked for is one that this program may have.
    package func check(_ request: TokenRequest) throws(Refusal) {
        try check(.token)
        guard request.hasAudience else { throw Refusal(.audienceRequired) }
        if let audiences, !audiences.contains(request.audience) {
            throw Refusal(.audienceDenied, ["audience": .string(request.audience), "client": .string(name)])
        }
        if let scopes, let scope = request.scopes.first(where: { !scopes.contains($0.text) }) {
            throw .scopeDenied(scope, [Rule(rawValue: "clients.\(name)")])
        }
    }

    /// Those of a person's scopes that its tokens may carry.
    func narrowed(_ all: [Scope]) -> [Scope] {
        guard let scopes else { return all }
        return all.filter { scopes.contains($0.text) }
    }

    /// Whether it serves this audience by name: it may then ask about such tokens, and revoke them, whoever's they are.
    func serves(_ audience: String) -> Bool { audiences?.contains(audience) ?? false }
}
