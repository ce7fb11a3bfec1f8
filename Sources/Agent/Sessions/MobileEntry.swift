package import Primitives

extension Session {
    /// The practitioner's phone or tablet: let in by their card at the workstation, and from then on with a life of its own.
    package struct MobileEntry: Hashable, Sendable {
        /// How the device was let in.
        package enum Grant: String, Hashable, Sendable, CaseIterable {
            /// By a code that the workstation showed.
            case code = "qr"
            /// By a code that the device showed (RFC 8628).
            case device
        }

        package let grant: Grant
        /// Id of the device, as its holder's list has it.
        package let device: String
        package let deviceName: String
        /// Of the key that every request of the device proves to have (RFC 7638).
        package let thumbprint: String
        /// Name of the program on the device: its entry of `clients`.
        package let client: String
        /// Id of the card session in which the device was let in.
        package let openedBy: String
        /// The stay of the card then: its end is the end of the card's being there, whichever sessions it had.
        package let insertion: String
        /// When the holder gave card and PIN.
        package let authenticatedAt: Timestamp
        package let card: Card
        package var revocation: Revocation

        package init(
            grant: Grant, device: String, deviceName: String, thumbprint: String, client: String, openedBy: String,
            insertion: String, authenticatedAt: Timestamp, card: Card, revocation: Revocation
        ) {
            self.grant = grant
            self.device = device
            self.deviceName = deviceName
            self.thumbprint = thumbprint
            self.client = client
            self.openedBy = openedBy
            self.insertion = insertion
            self.authenticatedAt = authenticatedAt
            self.card = card
            self.revocation = revocation
        }
    }

    package var mobile: MobileEntry? { if case .mobile(let entry) = entry { entry } else { nil } }

    /// The card that its holder was authenticated by; `nil` for who came in without one.
    package var card: Card? { presence?.card ?? mobile?.card }

    /// What is known of the revocation of that card's certificate.
    package var revocation: Revocation? { presence?.revocation ?? mobile?.revocation }

    /// When the holder was authenticated.
    var authenticatedAt: Timestamp { mobile?.authenticatedAt ?? openedAt }

    /// The same, with another finding about revocation; without a card nothing changes.
    func with(_ revocation: Revocation?) -> Session {
        guard let revocation else { return self }
        var session = self
        switch entry {
        case .card(var presence):
            presence.revocation = revocation
            session.entry = .card(presence)
        case .mobile(var mobile):
            mobile.revocation = revocation
            session.entry = .mobile(mobile)
        case .degraded: break
        }
        return session
    }
}

extension Session.MobileEntry {
    package var json: JSON {
        [
            "grant": .string(grant.rawValue), "device": .string(device), "device_name": .string(deviceName),
            "thumbprint": .string(thumbprint), "client": .string(client), "opened_by": .string(openedBy), "insertion": .string(insertion),
            "authenticated_at": .string(authenticatedAt.description),
        ]
    }

    /// - Parameter session: the JSON of a session that the store gives back.
    init?(stored session: JSON) {
        guard let json = session["mobile"], let grant = json["grant"]?.string.flatMap(Grant.init(rawValue:)),
            let device = json["device"]?.string, let name = json["device_name"]?.string, let thumbprint = json["thumbprint"]?.string,
            let client = json["client"]?.string, let openedBy = json["opened_by"]?.string, let insertion = json["insertion"]?.string,
            let authenticatedAt = json.time("authenticated_at"), let generation = session["card"]?["generation"]?.string,
            let serial = session["card"]?["serial"]?.string,
            let status = session["revocation"]?["status"]?.string.flatMap(Session.Revocation.Status.init(rawValue:))
        else { return nil }
        self.init(
            grant: grant, device: device, deviceName: name, thumbprint: thumbprint, client: client, openedBy: openedBy,
            insertion: insertion, authenticatedAt: authenticatedAt,
            card: Session.Card(generation: generation, type: session["card"]?["type"]?.string, serial: serial),
            revocation: Session.Revocation(
                status: status, source: session["revocation"]?["source"]?.string, asOf: session["revocation"]?.time("as_of")))
    }
}
