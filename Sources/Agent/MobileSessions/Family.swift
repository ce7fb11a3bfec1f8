internal import Habilitation
internal import Primitives
internal import Sessions

/// What the refresh tokens of a device's session hang on: they follow each other, and the newest alone is good (RFC 9700 §4.14.2).
struct Family: Hashable, Sendable {
    /// Id of the session.
    let session: String
    /// National identifier of its holder.
    let person: String
    /// Id of the device, and the program and the key that every refresh has to come from.
    let device: String
    let client: String
    let thumbprint: String
    /// The most that may be asked for; empty for all that the person may have on a device.
    let scopes: [Scope]
    /// The service of a token when none is named, and whether the practitioner has let the device in for no other.
    let audience: String
    let isForOneService: Bool
    /// Of the refresh token that is good now.
    var generation: Int64
    /// Of the holder's card, in DER: looked at again whenever revocation data change.
    let certificate: [UInt8]

    init(
        session: String, person: String, device: String, client: String, thumbprint: String, scopes: [Scope], audience: String,
        isForOneService: Bool, generation: Int64, certificate: [UInt8]
    ) {
        self.session = session
        self.person = person
        self.device = device
        self.client = client
        self.thumbprint = thumbprint
        self.scopes = scopes
        self.audience = audience
        self.isForOneService = isForOneService
        self.generation = generation
        self.certificate = certificate
    }

    /// `nil` for what is none.
    init?(_ json: JSON) {
        guard let session = json["session"]?.string, let person = json["person"]?.string, let device = json["device"]?.string,
            let client = json["client"]?.string, let thumbprint = json["thumbprint"]?.string,
            let scopes = json["scope"]?.string.flatMap({ Scope.list($0) }), let audience = json["audience"]?.string,
            let isForOneService = json["one_service"]?.bool, let generation = json["generation"]?.int, generation >= 0,
            let certificate = json["certificate"]?.string.flatMap({ Base64URL.decode($0) })
        else { return nil }
        self.init(
            session: session, person: person, device: device, client: client, thumbprint: thumbprint, scopes: scopes, audience: audience,
            isForOneService: isForOneService, generation: generation, certificate: certificate)
    }

    var record: KeptRecord {
        KeptRecord(
            .family, session, key: person, isOpen: false,
            json: [
                "session": .string(session), "person": .string(person), "device": .string(device), "client": .string(client),
                "thumbprint": .string(thumbprint), "scope": .string(Scope.text(scopes)), "audience": .string(audience),
                "one_service": .bool(isForOneService), "generation": .int(generation),
                "certificate": .string(Base64URL.encode(certificate)),
            ])
    }

    /// What a refresh may ask for.
    var wish: Wish { Wish(scopes: scopes, resource: isForOneService ? audience : nil) }
}
