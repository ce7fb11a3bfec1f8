package import Primitives

/// Why the authorities cannot be used. The agent does not start then.
package struct TrustStoreError: Error, Hashable, Sendable {
    package let problem: Problem
    /// The file or folder concerned; `nil` when it is all of them.
    package let file: String?

    package enum Problem: Hashable, Sendable {
        /// The folder or file cannot be read; the text is the system's.
        case unreadable(String)
        case tooManyFiles(limit: Int)
        case tooLarge(limit: Int)
        /// Neither PEM nor DER of a certificate.
        case notACertificate
        /// A certificate, but not of an authority (basic constraints).
        case notAnAuthority
        /// Self-signed, in the folder that is for intermediates.
        case anchorAmongIntermediates
        /// Test beside production; `first` is the file that set the environment.
        case mixedEnvironments(first: String)
        /// Not one self-signed certificate.
        case noAnchor
        /// A production authority that is none of the nine that are published.
        case notPublished
        /// A key or a signature that is too weak.
        case weak
        /// OpenSSL could not take them.
        case unusable(String)
    }

    init(_ problem: Problem, file: String? = nil) {
        self.problem = problem
        self.file = file
    }

    /// What is wrong, in one sentence without the file's name.
    package var text: Text {
        switch problem {
        case .unreadable(let reason): Text("illisible : \(Text.heard(reason).french)", "it cannot be read: \(reason)")
        case .tooManyFiles(let limit): Text("il y a plus de \(limit) fichiers", "there are more than \(limit) files")
        case .tooLarge(let limit): Text("plus de \(limit) octets", "it is larger than \(limit) bytes")
        case .notACertificate: Text("ce n'est pas un certificat en PEM ou DER", "it is not a certificate in PEM or DER")
        case .notAnAuthority: Text("ce n'est pas le certificat d'une autorité", "it is not the certificate of an authority")
        case .anchorAmongIntermediates:
            Text(
                "il est signé par lui-même, et ne peut donc être un intermédiaire",
                "it is self-signed and so cannot be an intermediate")
        case .mixedEnvironments(let first):
            Text(
                "autorités de test et de production sont mêlées, voir \(first)",
                "test and production authorities are mixed, see \(first)")
        case .noAnchor:
            Text("aucun certificat signé par lui-même pour servir de racine", "there is no self-signed certificate to be the anchor")
        case .notPublished:
            Text(
                "son SHA-256 n'est aucun de ceux publiés pour l'IGC-Santé, et il n'est pas de la hiérarchie de test",
                "its SHA-256 is none of those published for IGC-Santé, nor is it of the test hierarchy")
        case .weak: Text("sa clé ou sa signature est trop faible", "its key or its signature is too weak")
        case .unusable(let reason):
            Text("les autorités sont inutilisables : \(reason)", "the authorities cannot be used: \(reason)")
        }
    }

    /// The same in English, for logs.
    package var reason: String { text.english }

    /// What the administrator can do.
    package var remedy: Text {
        switch problem {
        case .unreadable:
            Text(
                "vérifier le chemin, et que l'utilisateur de l'agent peut le lire",
                "check the path and that the agent's user may read it")
        case .tooManyFiles, .tooLarge, .notACertificate:
            Text("ne garder dans ce dossier que des certificats d'autorités", "keep only certificates of authorities in this folder")
        case .notAnAuthority:
            Text(
                "l'ôter : seules racines et autorités émettrices ont leur place ici",
                "remove it: only roots and issuing authorities belong here")
        case .anchorAmongIntermediates:
            Text("le mettre avec les racines s'il est digne de confiance", "move it to the anchors if it is to be trusted")
        case .mixedEnvironments:
            Text("garder soit la production, soit le test", "keep either the production or the test authorities")
        case .noAnchor: Text("ajouter les certificats racines", "add the root certificates")
        case .notPublished:
            Text("reprendre le certificat sur le site du secteur", "get the certificate from the sector's own site again")
        case .weak: Text("en demander un plus fort à son émetteur", "ask its issuer for a stronger one")
        case .unusable: Text("vérifier chaque fichier par openssl x509", "check each file with openssl x509")
        }
    }
}
