internal import Habilitation
internal import Primitives
internal import Sessions

/// A code on the screen of the workstation, and the device that reads it.
struct Pairing: Sendable {
    enum State: String, Sendable {
        /// Nobody has redeemed the code.
        case shown
        /// A device has, and shows two digits.
        case redeemed
        /// They were typed at the workstation, and that is being written.
        case confirming
        /// The device comes for its tokens.
        case confirmed
        /// Its session is being opened.
        case opening
        case done, failed, cancelled, expired
    }

    /// The device that redeemed the code.
    struct Asker: Hashable, Sendable {
        let client: String
        let thumbprint: String
        let digits: String
        let name: String
        let address: String

        init(_ request: MobileRequest, digits: String) {
            client = request.client.name
            thumbprint = request.thumbprint
            self.digits = digits
            name = request.shownName
            address = request.address
        }

        /// Devices move between networks; all else is the same each time.
        func isSame(as other: Asker) -> Bool {
            client == other.client && thumbprint == other.thumbprint && digits == other.digits
        }
    }

    let id: String
    /// The card session, as it was when the code was shown.
    let host: Session
    let caller: Caller
    /// Digest of the code.
    let code: String
    let wish: Wish
    /// Seconds; `nil` for the usual time.
    let life: Int64?
    /// Since boot.
    var deadline: Duration
    var state = State.shown
    var asker: Asker?
    var failure: ErrorCode?
    /// Id of the session that came of it.
    var session: String?

    /// Seconds for each step: to redeem the code, to type the digits, to come for the tokens.
    static let life: Int64 = 60

    /// Whether something may still come of it, and nobody is at it.
    var isOpen: Bool {
        switch state {
        case .shown, .redeemed, .confirmed: true
        case .confirming, .opening, .done, .failed, .cancelled, .expired: false
        }
    }

    var isOver: Bool { !isOpen && state != .confirming && state != .opening }

    /// As people see it: what is just being done is not done yet.
    private var shownState: State {
        switch state {
        case .confirming: .redeemed
        case .opening: .confirmed
        default: state
        }
    }

    func json(at now: Duration) -> JSON {
        [
            "id": .string(id), "state": .string(shownState.rawValue),
            "session": .string(host.id), "scopes": .array(wish.scopes.map { .string($0.text) }), "resource": JSON(wish.resource),
            "expires_in": .int(isOver ? 0 : max(0, (deadline - now).components.seconds)),
            "client": JSON(asker?.client), "device_name": JSON(asker?.name), "address": JSON(asker?.address),
            "mobile_session": JSON(session), "code": JSON(failure?.rawValue),
        ]
    }

    /// What traces say of it.
    var members: [String: JSON] {
        var members: [String: JSON] = ["grant": "qr", "pairing": .string(id)]
        if !wish.scopes.isEmpty { members["scope"] = .string(Scope.text(wish.scopes)) }
        members["resource"] = wish.resource.map(JSON.string)
        if let asker {
            members["device_name"] = .string(asker.name)
            members["thumbprint"] = .string(asker.thumbprint)
            members["address"] = .string(asker.address)
        }
        return members
    }
}

/// What a device is let in for.
struct Wish: Hashable, Sendable {
    /// Empty for all that the person may have on a device.
    let scopes: [Scope]
    /// The only service its tokens may be for; `nil` for those of its program.
    let resource: String?

    /// The scopes of a request of the device: those it asks for, within these.
    func narrowed(to asked: [Scope]) throws(Refusal) -> [Scope] {
        guard !scopes.isEmpty, !asked.isEmpty else { return asked.isEmpty ? scopes : asked }
        if let other = asked.first(where: { !scopes.contains($0) }) { throw .scopeDenied(other, []) }
        return asked
    }

    /// The service of a request of the device.
    func audience(_ asked: String?, _ client: Client) throws(Refusal) -> String {
        if let resource, let asked, asked != resource {
            throw Refusal(.audienceDenied, ["audience": .string(asked.cut(toBytes: 512)), "client": .string(client.name)])
        }
        if let named = asked ?? resource { return named }
        guard let audiences = client.audiences, audiences.count == 1, let only = audiences.first else { throw Refusal(.audienceRequired) }
        return only
    }
}
