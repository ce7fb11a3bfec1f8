internal import CardDrivers
package import Primitives
package import Sessions
internal import SmartCard

extension CardBoard {
    /// Time for reading every data object of a card.
    static let objectsDeadline = Duration.seconds(20)

    /// The data objects of the card in a reader, as `GET /v1/readers/{reader}/card/objects` shows them: those behind the PIN are listed
    /// only.
    package func dataObjects(of reader: String) async throws(Refusal) -> JSON {
        let (view, insertion, reading) = try await cardForLogin(reader: reader)
        let objects: [DataObject]
        do throws(CardError) {
            objects = try await access.transaction(with: insertion, rereads: true, deadline: Self.objectsDeadline) {
                channel throws(CardError) in
                let card = try CPSCard(channel, atr: insertion.atr)
                guard try card.identify() == reading.content.identity else { throw .cardDiffers }
                return try card.dataObjects(reading.content)
            }
        } catch {
            throw error.refusal
        }
        return [
            "reader": .string(view.reader.name), "serial": .string(reading.content.identity.serial.digits),
            "objects": .array(objects.map(\.json)),
        ]
    }
}

/// What is remembered of the card of a live session.
struct SessionCard: Sendable {
    /// In DER, to be looked at again when revocation data change.
    let certificate: [UInt8]
    /// `nil` where they were not read.
    let protectedObjects: [DataObject]?
}

extension LoginDesk {
    /// Nothing is kept of a session that is over.
    func keep(_ card: SessionCard, _ session: String) async {
        await forgetCards()
        cards[session] = card
        if await !registry.liveIDs.contains(session) { cards[session] = nil }
    }

    /// Forgets the cards of sessions that are over. One that begins while this is asked is not among those that are looked at.
    func forgetCards() async {
        let known = Set(cards.keys)
        let live = await registry.liveIDs
        for id in known.subtracting(live) { cards[id] = nil }
    }

    /// The certificate that a live session was opened by, in DER; `nil` where none is known.
    package func certificate(of session: String) -> [UInt8]? { cards[session]?.certificate }

    /// Has the certificate of a session that lives by no card in a reader looked at whenever revocation data change.
    package func watch(_ certificate: [UInt8], of session: String) async {
        await keep(SessionCard(certificate: certificate, protectedObjects: nil), session)
    }

    /// What the login read behind the PIN, as `GET /v1/sessions/{id}/card/objects` shows it to the user of the session alone.
    package func protectedObjects(session id: String, for caller: Caller) async throws(Refusal) -> JSON {
        let session = try await registry.present(id, for: caller)
        let objects = cards[session.id]?.protectedObjects
        return [
            "reader": JSON(session.presence?.place.reader), "serial": JSON(session.presence?.card.serial), "read": .bool(objects != nil),
            "objects": .array((objects ?? []).map { $0.json(access: "pin") }),
        ]
    }
}

extension DataObject {
    fileprivate var json: JSON { json(access: value == .protected ? "pin" : "free") }

    fileprivate func json(access: String) -> JSON {
        var members: [String: JSON] = [
            "label": .string(label), "path": path.map { .string(Hex.encode($0)) } ?? .null, "access": .string(access), "size": .null,
            "content": .null,
        ]
        switch value {
        case .bytes(let bytes):
            members["size"] = .int(Int64(bytes.count))
            members["content"] = .string(Base64URL.encode(bytes))
        case .protected: break
        case .unreadable(let reason): members["problem"] = .string(reason)
        }
        return .object(members)
    }
}
