internal import FoundationEssentials
internal import Primitives

/// What is known of the addresses that lists were fetched from, beside the copies of the lists. When it is lost, lists are fetched whole
/// once more.
struct FetchMemory: Sendable {
    private let path: String
    private static let largest = 262_144

    init(folder: String) { path = "\(folder)/fetched.json" }

    func read() -> [WebAddress: ListFetch.Place] {
        guard let bytes = try? PlainFile.contents(path, limit: Self.largest),
            let entries = try? JSONDecoder().decode(JSON.self, from: Data(bytes))["addresses"]?.array
        else { return [:] }
        var places: [WebAddress: ListFetch.Place] = [:]
        for entry in entries {
            guard let address = entry["address"]?.string.flatMap(WebAddress.init),
                let authority = entry["authority"]?.string.flatMap({ Hex.decode($0) })
            else { continue }
            places[address] = ListFetch.Place(
                version: ListVersion(tag: entry["etag"]?.string, modified: entry["last_modified"]?.string), authority: authority)
        }
        return places
    }

    func write(_ places: [WebAddress: ListFetch.Place]) {
        let entries = places.sorted { $0.key.text < $1.key.text }.compactMap { address, place -> JSON? in
            guard let authority = place.authority else { return nil }
            return .members([
                "address": .string(address.text), "authority": .string(Hex.encode(authority)),
                "etag": place.version?.tag.map(JSON.string), "last_modified": place.version?.modified.map(JSON.string),
            ])
        }
        // It saves traffic and nothing else.
        try? PlainFile.replace(path, JSON.object(["addresses": .array(entries)]).canonical)
    }
}
