/**
 * One topology for one network: names that TensorFlow.js made up from a
 * counter of the process (`dense_Dense3`) give way to names that say the
 * position among the layers of that kind (`dense_2`).
 */
import { MusterError } from '@muster/protocol';
import { isJsonObject, toJson, } from './canonical-json.js';
const MODEL_CLASSES = ['Sequential', 'Functional', 'Model'];
/** Whether this class of a topology is a network of layers itself. */
export function isModelClass(className) {
    return MODEL_CLASSES.includes(className);
}
const broken = (message) => new MusterError('ERR_MODEL_UNSUPPORTED', message);
function partOf(value, where) {
    const className = isJsonObject(value) ? value['class_name'] : undefined;
    let config = isJsonObject(value) ? value['config'] : undefined;
    // Old writers give a Sequential's layers as a bare list.
    if (Array.isArray(config))
        config = { layers: config };
    if (typeof className !== 'string' || !isJsonObject(config)) {
        throw broken(`${where} is not a Keras-style topology: expected an object with ` +
            `'class_name' and 'config'`);
    }
    return { className, config };
}
/** `MaxPooling2D` becomes `max_pooling2d`, as Keras names its layers. */
function snakeCase(className) {
    return className
        .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
        .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
        .toLowerCase()
        .replace(/^_+/, '');
}
/** Whether TensorFlow.js made the name up from a counter, or there is none. */
function isMadeUp(name, className) {
    if (typeof name !== 'string' || name === '')
        return true;
    if (isModelClass(className))
        return /^(sequential_|model)\d+$/.test(name);
    if (className === 'InputLayer')
        return /^input(_input)?\d+$/.test(name);
    return new RegExp(`_${className}\\d+$`).test(name);
}
/** The names of one network's layers, in order; given names are kept. */
function namesOf(parts) {
    const taken = new Set();
    for (const { className, config } of parts) {
        if (!isMadeUp(config['name'], className))
            taken.add(config['name']);
    }
    return parts.map(({ className, config }) => {
        const given = config['name'];
        if (!isMadeUp(given, className) && typeof given === 'string')
            return given;
        const stem = className === 'InputLayer' ? 'input' : snakeCase(className);
        let name = stem;
        for (let i = 1; taken.has(name); i += 1)
            name = `${stem}_${i}`;
        taken.add(name);
        return name;
    });
}
/** Renames the layers in `[layer, node, tensor, ...]` or a list of such. */
function renamed(value, names) {
    if (!Array.isArray(value))
        return value;
    const [first, ...rest] = value;
    if (typeof first === 'string' && typeof rest[0] === 'number') {
        return [names.get(first) ?? first, ...rest];
    }
    return value.map((item) => renamed(item, names));
}
/** The object with the references to layers that it holds renamed. */
function withReferences(object, names) {
    const keys = ['inbound_nodes', 'input_layers', 'output_layers'];
    const entries = Object.entries(object).map(([key, value]) => [
        key,
        keys.includes(key) ? renamed(value, names) : value,
    ]);
    return Object.fromEntries(entries);
}
function normalizeModel(part, name) {
    const layers = part.config['layers'];
    if (!Array.isArray(layers) || layers.length === 0) {
        throw broken(`model '${name}' has no layers`);
    }
    const list = layers;
    const parts = list.map((item, i) => partOf(item, `layer ${i} of '${name}'`));
    const fresh = namesOf(parts);
    const names = new Map();
    parts.forEach((layer, i) => {
        names.set(layer.config['name'] ?? null, fresh[i] ?? '');
    });
    const normalized = parts.map((layer, i) => {
        const layerName = fresh[i] ?? '';
        const entry = withReferences(list[i] ?? {}, names);
        const named = 'name' in entry ? { name: layerName } : {};
        return { ...entry, ...named, ...normalizePart(layer, layerName) };
    });
    const config = withReferences(part.config, names);
    return {
        class_name: part.className,
        config: { ...config, name, layers: normalized },
    };
}
function normalizePart(part, name) {
    if (isModelClass(part.className))
        return normalizeModel(part, name);
    return { class_name: part.className, config: { ...part.config, name } };
}
/**
 * Gives the topology with stable names and without what says nothing about
 * the network (the writer's version, optimizer settings). Takes what
 * `model.toJSON()` gives, the `modelTopology` of a `model.json`, or the whole
 * content of a `model.json`. Normalizing twice changes nothing.
 *
 * @throws MusterError ERR_MODEL_UNSUPPORTED when it is not such a topology
 */
export function normalizeTopology(topology) {
    let value = null;
    try {
        value = toJson(topology);
    }
    catch (cause) {
        throw new MusterError('ERR_MODEL_UNSUPPORTED', 'the topology is not JSON; give model.toJSON(null, false)', { cause });
    }
    for (const key of ['modelTopology', 'model_config']) {
        if (isJsonObject(value) && key in value)
            value = value[key] ?? null;
    }
    const part = partOf(value, 'the topology');
    if (!isModelClass(part.className)) {
        throw broken(`the topology is a single layer of class ${part.className}, expected ` +
            `one of ${MODEL_CLASSES.join(', ')}`);
    }
    const name = part.config['name'];
    return normalizeModel(part, typeof name === 'string' && !isMadeUp(name, part.className)
        ? name
        : 'model');
}
