// One import gives an embedder every type that this module's face speaks of.
@_exported public import Compression
@_exported public import Records
@_exported public import SegmentStore
@_exported public import Vocabulary
