import{B as t}from"./index-DJqCJLc2.js";function i(i){return i.startsWith("/")?("web"===t.name?location.origin:"")+i:i}export{i as p};
