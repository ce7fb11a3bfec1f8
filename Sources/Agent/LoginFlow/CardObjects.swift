internal import CardDrivers
package import Primitives
internal import SmartCard

extension CardBoard {
    /// Time for reading every data object of a card.
    private static let objectsDeadline = Duration.seconds(20)

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

extension DataObject {
    fileprivate var json: JSON {
        var members: [String: JSON] = [
            "label": .string(label), "path": path.map { .string(Hex.encode($0)) } ?? .null, "access": "free", "size": .null,
            "content": .null,
        ]
        switch value {
        case .bytes(let bytes):
            members["size"] = .int(Int64(bytes.count))
            members["content"] = .string(Base64URL.encode(bytes))
        case .protected: members["access"] = "pin"
        case .unreadable(let reason): members["problem"] = .string(reason)
        }
        return .object(members)
    }
}
